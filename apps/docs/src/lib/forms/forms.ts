import type { Binding, Derivation, Step } from '@handgrad/gradcheck'
import type { Tensor } from '@handgrad/tensor'
import { evaluate } from 'mathjs/number'
import { checkDerivation } from '../../../../../packages/gradcheck/src/equations/check.ts'
import { axesOf, type Fixed, type Special, sizeOf, specialCase, unitAxes } from './case.ts'
import { leadingTo, otherName } from './leads.ts'
import { sidesOf, specialStep } from './specialise.ts'

/** A special case of a derivation that a page shows. */
export interface Level {
  /** What the switch says. */
  readonly name: string
  readonly fixed: Fixed
  /** Conditions, as the derivation writes them, that hold in this case. */
  readonly facts?: readonly string[]
  /** Another case for some steps: matrices need both axes. */
  readonly matrix?: { readonly steps: readonly string[]; readonly fixed: Fixed }
}

/** The special cases of a page, the plainest first, and real numbers for each. */
export interface Forms {
  readonly levels: readonly Level[]
  /**
   * What the derivation is for. In a case, a line that only gives a tensor another name, or says that it is a number, is put into
   * the lines behind it, and one that does not lead there is left out. All lines stand where this is not said.
   */
  readonly ends?: readonly string[]
  /** Values of a case that a level describes, from the library's own pass; `matrix` for the level's matrix steps. */
  sample(level: Level, matrix: boolean): { item: unknown; values: Readonly<Record<string, Tensor>> }
}

/** A line in a special case; one that says again what another has said names that one. */
export interface Form extends Step {
  readonly sameAs?: string
  /** The largest difference of its two sides, relative to the largest magnitude. */
  readonly difference: number
}

/** Whether a line holds where these sizes are fixed; undefined where that is still open. */
function holds({ when }: Step, fixed: Fixed): boolean | undefined {
  if (when === undefined) return true
  try {
    return Boolean(evaluate(when, { ...fixed }))
  } catch {
    return undefined
  }
}

function withoutUnits(tensor: Tensor, symbol: string, special: Special): Tensor {
  const units = unitAxes(symbol, special)
  if (units === null || units.length !== tensor.shape.length) return tensor
  return tensor.reshape(tensor.shape.filter((_, axis) => !units[axis]))
}

/** The values of a case with the axes left out that its equations leave out. */
function bindingOf(special: Special, { item, values }: ReturnType<Forms['sample']>): Binding {
  const bound = special.derivation.bind(item as never, values)
  const tensors = Object.fromEntries(
    Object.entries(bound.tensors).map(([symbol, tensor]) => [symbol, withoutUnits(tensor, symbol, special)]),
  )
  return { ...bound, tensors }
}

/** @throws Error for a line that is wrong in this case: a page that shows it must not be built. */
function checked({ special, steps, names }: Group, binding: Binding): Form[] {
  const seen = new Map<string, string>()
  const lines = [...names, ...steps]
  const results = checkDerivation({ ...special.derivation, steps: lines, golden: {} }, binding)
  for (const { id, problem, elements } of results)
    if (problem !== null || elements === 0)
      throw new Error(
        `${id}, ${lines.find((line) => line.id === id)!.equation}: ${problem ?? 'was not evaluated'}`,
      )
  return steps.map((step) => {
    const found = results.find(({ id }) => id === step.id)
    if (found === undefined) throw new Error(`${step.id}, ${step.equation}: does not apply`)
    const sameAs = seen.get(step.equation)
    if (sameAs === undefined) seen.set(step.equation, step.id)
    return { ...step, difference: found.difference, ...(sameAs === undefined ? {} : { sameAs }) }
  })
}

/** The lines of a case, and those that only give a tensor another name. */
interface Group {
  readonly special: Special
  readonly steps: readonly Step[]
  readonly names: readonly Step[]
}

function group(
  derivation: Derivation<never>,
  steps: readonly Step[],
  level: Level,
  fixed: Fixed,
  ends?: readonly string[],
): Group {
  let special = specialCase(derivation, fixed, level.facts)
  const names: Step[] = []
  const own = steps.flatMap((step) => {
    const applies = holds(step, fixed)
    if (applies === false) return []
    const { when, ...rest } = specialStep(step, special)
    const [left, right] = sidesOf(rest.equation)
    const same = ends === undefined ? null : otherName(rest, ends)
    if (same !== null) {
      special = { ...special, fixed: { ...special.fixed, ...same } }
      names.push(rest)
      return []
    }
    if (left === right) return []
    return [applies === undefined ? { ...rest, when: when! } : rest]
  })
  return { special, steps: ends === undefined ? own : leadingTo(ends, own, derivation), names }
}

/** The lines of a derivation in one special case, each evaluated with real numbers. */
export function formsOf(derivation: Derivation<never>, forms: Forms, level: Level): Form[] {
  const isMatrix = ({ id }: Step): boolean => level.matrix?.steps.includes(id) ?? false
  const plain = group(
    derivation,
    derivation.steps.filter((step) => !isMatrix(step)),
    level,
    level.fixed,
    forms.ends,
  )
  const made = checked(plain, bindingOf(plain.special, forms.sample(level, false)))
  if (level.matrix === undefined) return made
  const other = group(derivation, derivation.steps.filter(isMatrix), level, level.matrix.fixed)
  return [...made, ...checked(other, bindingOf(other.special, forms.sample(level, true)))]
}

/** What a symbol stands for in a special case, without the axes that are left out. */
export function meaningOf(symbol: string, derivation: Derivation<never>, fixed: Fixed): string {
  const text = derivation.symbols[symbol]
  const axes = axesOf(symbol, derivation)
  if (axes === null) return text
  const units = unitAxes(symbol, specialCase(derivation, fixed))!
  const kept = axes.flatMap((axis, i) =>
    units[i]
      ? []
      : [
          sizeOf(axis, fixed)
            .toString()
            .replace(/\b([A-Z])([a-z])\b/g, '$1_$2')
            .replaceAll(' * ', '·'),
        ],
  )
  const words = text.replace(/ ?\[[^\]]*\]$/, '')
  return kept.length === 0 ? `${words}, one number` : `${words} [${kept.join(', ')}]`
}
