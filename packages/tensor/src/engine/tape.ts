import type { Value } from './value.ts'

/** A step of the way back: from the gradient of what was given to those of what was read, null where none is wanted. */
export interface Step {
  readonly from: readonly Value[]
  readonly to: Value
  /** Whether a parameter is trained by it. */
  readonly trains: boolean
  readonly back: (dy: Value) => readonly (Value | null)[]
}

/** What was written down, in order: who reads what, so that the way back can be written from it. */
export class Tape {
  readonly #steps: Step[] = []
  #wanted = new Set<Value>()

  add(step: Step): void {
    this.#steps.push(step)
  }

  /** Whether the gradient of a value is wanted by the way back that is being written. */
  wants(value: Value): boolean {
    return this.#wanted.has(value)
  }

  /**
   * Writes the way back down, last step first, from the gradient `dy` of `to`; gives the gradient of `input`, null where
   * it is not `inputGrad`, or nothing leads there. Of a value with several readers `sum` adds the gradients, in the order of
   * the readers; `conform` gives a gradient the extents of its value.
   */
  return(
    { to, dy, input, inputGrad }: { to: Value; dy: Value; input: Value; inputGrad: boolean },
    sum: (gradients: readonly Value[]) => Value,
    conform: (gradient: Value, value: Value) => Value,
  ): Value | null {
    this.#wanted = this.#wantedFrom(inputGrad ? [input] : [])
    const given = new Map<Value, Value[]>([[to, [dy]]])
    const gradientOf = (value: Value): Value | null => {
      const gradients = given.get(value)
      if (gradients === undefined || !this.wants(value)) return null
      return gradients.length === 1 ? gradients[0] : sum(gradients)
    }
    for (const { from, to: value, back } of this.#steps.toReversed()) {
      const gradient = gradientOf(value)
      if (gradient === null) continue
      const results = back(gradient)
      // The last reader comes first on the way back.
      // at least 1
      for (const [read, result] of from.map((one, i) => [one, results[i]] as const).toReversed()) {
        if (result != null && this.wants(read))
          given.set(read, [conform(result, read), ...(given.get(read) ?? [])])
      }
    }
    return gradientOf(input)
  }

  #wantedFrom(inputs: readonly Value[]): Set<Value> {
    const wanted = new Set(inputs)
    for (const { from, to, trains } of this.#steps)
      if (trains || from.some((value) => wanted.has(value))) wanted.add(to)
    return wanted
  }
}
