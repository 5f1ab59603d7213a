/** One way that the code may go from a {@link Point}. */
export interface Outcome {
  /** `true`, `2 or more turns`, … */
  readonly name: string
  /** Why no network can take it; null where one has to. */
  readonly never: string | null
}

/** A place in a source from which the code may go several ways, each with a counter of its own. */
export interface Point {
  /** From the repository's root. */
  readonly file: string
  readonly line: number
  /** The condition, or the loop's head, as it stands there. */
  readonly text: string
  /** The counter of the first outcome; the others' follow. */
  readonly first: number
  readonly outcomes: readonly Outcome[]
  /** Whether it counts only where a mistake on the way back would be seen; where numbers are not finite, gradients hardly are. */
  readonly needsGradient: boolean
}

/** Of the outcomes that a network took, those that count. */
export function counting(points: readonly Point[], taken: Uint8Array, isSure: boolean): Uint8Array {
  const counts = taken.slice()
  for (const { first, outcomes, needsGradient } of points)
    if (needsGradient && !isSure) counts.fill(0, first, first + outcomes.length)
  return counts
}

/** What is wrong with an outcome: not taken though it has to be, or taken though the code says that it cannot. */
export function faults(points: readonly Point[], taken: Uint8Array): string[] {
  return points.flatMap(({ file, line, text, first, outcomes }) =>
    outcomes.flatMap(({ name, never }, i) => {
      if ((taken[first + i] !== 0) === (never === null)) return []
      const what = never === null ? `never ${name}` : `${name}, which was said to be impossible: ${never}`
      return [`${file}:${line}  ${text}  ${what}`]
    }),
  )
}

/** How many of the outcomes that have to be taken were, and of how many, by file. */
export function shares(
  points: readonly Point[],
  taken: Uint8Array,
): Map<string, [taken: number, all: number]> {
  const byFile = new Map<string, [number, number]>()
  for (const { file, first, outcomes } of points) {
    const share = byFile.get(file) ?? [0, 0]
    byFile.set(file, share)
    for (const [i, { never }] of outcomes.entries()) {
      if (never !== null) continue
      share[1]++
      if (taken[first + i] !== 0) share[0]++
    }
  }
  return byFile
}
