import { formatShape, numel, sameShape } from '@handgrad/tensor'
import { distance, unravel } from '../compare.ts'
import { chainRuleProblem } from './chain-rule.ts'
import { costOfStep } from './cost.ts'
import type { Binding, Derivation } from './derivation.ts'
import { evaluateElements, evaluateOver, leftIndices } from './elements.ts'
import { type Dense, matrixValue } from './matrix.ts'
import { type Model, modelOf, type ParsedStep } from './model.ts'
import { symbolicProblem } from './symbolic.ts'

/** What was found for one line in one case. */
export interface StepResult {
  readonly id: string
  /** Elements compared; 0 where the line does not apply or would take too long in this case. */
  readonly elements: number
  /** The largest difference, relative to the largest magnitude of the line or 1. */
  readonly difference: number
  readonly problem: string | null
}

/** How far lines may be apart: 1e-12 of the largest magnitude. */
const TOLERANCE = 1e-12

/** Operations that one line may take in one case; larger cases check it elsewhere. */
const BUDGET = 1_000_000

function whole(values: Dense, left: Dense): string | null {
  // mutant: swapped arguments is equivalent because both ways say whether two shapes are the same
  return sameShape(values.shape, left.shape)
    ? null
    : `gives shape ${formatShape(values.shape)}, expected ${formatShape(left.shape)}`
}

function scaleOf({ data }: Dense): number {
  let scale = 1
  for (let i = 0; i < data.length; i++)
    if (Number.isFinite(data[i])) scale = Math.max(scale, Math.abs(data[i]))
  return scale
}

/** The largest relative difference and where it is. */
function furthest(a: Dense, b: Dense): { gap: number; at: number } {
  const scale = scaleOf(b)
  let [gap, at] = [0, 0]
  for (let i = 0; i < b.data.length; i++) {
    // mutant: swapped arguments is equivalent because the distance is the same both ways
    const here = distance(a.data[i], b.data[i]) / scale
    if (here > gap) [gap, at] = [here, i]
  }
  return { gap, at }
}

/** The value that the case gives for the left side, from somewhere else than this line; null where it has none. */
function leftValue(model: Model, step: ParsedStep): Dense | null {
  const { left, leftNode } = step.parsed
  if (left.kind === 'identity') return evaluateOver(model, leftNode, leftIndices(step, model.slots))
  return Object.hasOwn(model.binding.tensors, left.symbol) ? model.binding.tensors[left.symbol] : null
}

function rightValue(model: Model, step: ParsedStep): Dense {
  if (step.form !== 'matrix') return evaluateElements(model, step)
  const names = leftIndices(step, model.slots)
  if (names.length === 0) return matrixValue(model, step.parsed.right)
  const [name] = names
  const parts = Array.from({ length: model.extents[name] }, (_, i) =>
    matrixValue(model, step.parsed.right, { [name]: i }),
  )
  const shape = [parts.length, ...(parts[0]?.shape ?? [])]
  return { shape, data: parts.flatMap(({ data }) => Array.from(data)) }
}

/** A line and the layer that it describes, in words; a layer may have no number there at all. */
const unlike = (line: number, layer: number): string =>
  Number.isNaN(layer)
    ? `the line gives ${line}, the layer no number (NaN)`
    : `the line gives ${line}, expected ${layer}`

function checkStep(
  model: Model,
  step: ParsedStep,
  before: Map<string, { id: string; values: Dense }>,
): StepResult {
  const nothing = { id: step.id, elements: 0, difference: 0, problem: null }
  const chain = chainRuleProblem(step)
  if (chain !== null) return { ...nothing, problem: chain }
  const empty = step.form === 'matrix' && Object.values(model.extents).includes(0)
  if (empty || (step.form !== 'matrix' && costOfStep(model, step) > BUDGET)) return nothing
  const expected = leftValue(model, step)
  if (expected === null) return nothing
  const got = rightValue(model, step)
  const shape = whole(got, expected)
  if (shape !== null) return { ...nothing, problem: shape }
  const { gap, at } = furthest(got, expected)
  const result = { id: step.id, elements: numel(got.shape), difference: gap, problem: null }
  if (gap > TOLERANCE) {
    const where = formatShape(unravel(at, got.shape))
    return { ...result, problem: `at ${where} ${unlike(got.data[at], expected.data[at])}` }
  }
  const { left } = step.parsed
  if (left.kind === 'identity') return { ...result, problem: symbolicProblem(model, step) }
  const previous = before.get(left.symbol)
  before.set(left.symbol, { id: step.id, values: got })
  if (previous === undefined) return result
  const apart = furthest(got, previous.values)
  if (apart.gap <= TOLERANCE) return result
  return { ...result, problem: `does not agree with the line before it, ${previous.id}: ${apart.gap} apart` }
}

/**
 * Evaluates every line of a derivation that applies to a case, or the one that is named, each against values from
 * elsewhere and the line before.
 */
export function checkDerivation(
  derivation: Derivation<never>,
  binding: Binding,
  only?: string,
): StepResult[] {
  const model = modelOf(derivation, binding)
  const before = new Map<string, { id: string; values: Dense }>()
  const wanted = model.steps.filter(({ id }) => only === undefined || id === only)
  return wanted.map((step) => {
    try {
      return checkStep(model, step, before)
    } catch (error) {
      return {
        id: step.id,
        elements: 0,
        difference: Number.POSITIVE_INFINITY,
        problem: (error as Error).message,
      }
    }
  })
}
