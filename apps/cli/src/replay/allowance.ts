import { UNIT } from '@handgrad/gradcheck'
import { type DType, sum, Tensor } from '@handgrad/tensor'
import { kinkSpread } from './kinks.ts'
import { absolute, largest, largestSums, places } from './magnitudes.ts'
import { type RunRecord, statsOfRecord } from './record.ts'
import { as, type Named, Twin } from './twin.ts'

/** How many times PyTorch's own error, or the rounding of the summed terms, ours may differ from PyTorch's value. */
const FACTOR = 5

/** How far a tensor's elements may be from PyTorch's: the same for all, and more where a kink is near. */
export interface Allowance {
  readonly all: number
  /** By element, on top of `all`; null where it is 0 everywhere. */
  readonly more: Tensor | null
}

/** What element `i` may be off. */
export const allowedAt = ({ all, more }: Allowance, i: number): number =>
  more === null ? all : all + more.data[i]

/** What rounding explains, for every tensor of one step. */
export type Allowances = Readonly<Record<string, Allowance>>

/**
 * Computes, from PyTorch's state before step `t`, how far a correct float32 step may be from PyTorch's.
 *
 * A tensor may be off by five times what PyTorch's recorded elements are off from the same step in PyTorch's float64, or
 * five times 2⁻²⁴ · max Σ|terms| of the sums that make it, which our float64 adds up. Where a ReLU or a maximum is decided by
 * less than that error, the other decision is allowed too, with all that follows from it.
 */
export function allowancesAt(record: RunRecord, t: number, x: Tensor<DType>, y: Tensor<DType>): Allowances {
  const twin = new Twin(record, 'float64')
  twin.restore(t)
  const truth = twin.pass(as(x, 'float64'), y)
  const errors = errorsOf(record, t, truth, largestSums(twin, truth))
  inherit(twin, truth, errors)
  const limits = Object.fromEntries(Object.entries(errors).map(([name, error]) => [name, FACTOR * error]))
  const spread = kinkSpread(twin, truth, limits, 'stay')
  const during = Object.fromEntries(
    Object.entries(limits).map(([name, all]) => [name, { all, more: spread[name] ?? null }]),
  )
  return { ...during, ...afterStep(twin, t, truth, during) }
}

/**
 * For float64, whose runs agree for 100 steps: `share` of the largest element of each tensor.
 *
 * On a flat background windows tie exactly, unless a sum is taken in another order there: the last bit then decides
 * which of equal patches gets the gradient. That is allowed for the gradients of activations; parameters and their
 * gradients do not notice, and have no such allowance.
 */
export function doubleAllowances(twin: Twin, tensors: Named, share: number): Allowances {
  const strict = shareOf(tensors, share)
  const reach = Object.fromEntries(Object.entries(strict).map(([name, { all }]) => [name, all]))
  const spread = kinkSpread(twin, tensors, reach, 'move')
  for (const [name, parameter] of twin.parameters) parameter.g = tensors[`d.${name}`]
  return Object.fromEntries(
    Object.entries(strict).map(([name, { all }]) => {
      const activation = name === 'dx' || name.startsWith('dy.')
      return [name, { all, more: (activation ? spread[name] : undefined) ?? null }]
    }),
  )
}

/** The same share of the largest element of each tensor, everywhere. */
export function shareOf(tensors: Named, share: number): Allowances {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, value]) => [name, { all: share * largest(value), more: null }]),
  )
}

/**
 * The error that counts, per tensor: PyTorch's own against its float64, which is in the record, or the rounding of its
 * sums. Nothing here comes from how far ours is from PyTorch's, or a mistake of ours would excuse itself.
 */
function errorsOf(
  record: RunRecord,
  t: number,
  truth: Named,
  sums: Readonly<Record<string, number>>,
): Record<string, number> {
  const errors = record.about.tensors
    .map((name, row): [string, number] => [name, statsOfRecord(record, t, row)[4]])
    .filter(([name]) => Object.hasOwn(truth, name))
  return Object.fromEntries(
    errors.map(([name, error]) => [name, Math.max(error, UNIT.float32 * (sums[name] ?? 0))]),
  )
}

/**
 * A layer without sums hands on the error of what it reads, of which the samples may have missed the worst. The loss is one
 * number, which PyTorch may have hit by luck: it has the error of the logits, by its slopes.
 */
function inherit(twin: Twin, truth: Named, errors: Record<string, number>): void {
  const exact = places(twin, truth).filter(({ layer }) => layer.parameters().length === 0)
  for (const { name, inputName } of exact)
    errors[`y.${name}`] = Math.max(errors[`y.${name}`], errors[inputName])
  const last = twin.layers[twin.layers.length - 1][0]
  const slopes = sum(absolute(truth[`dy.${last}`]), [0, 1]).item()
  errors.loss = Math.max(errors.loss, slopes * errors[`y.${last}`])
  for (const { name, into } of exact.reverse()) errors[into] = Math.max(errors[into], errors[`dy.${name}`])
}

/** The parameters after the step, with each gradient as far off as is allowed, one way and the other. */
function afterStep(twin: Twin, t: number, truth: Named, during: Allowances): Allowances {
  const [middle, ...ends] = [0, 1, -1].map((way) => {
    twin.restore(t)
    for (const [name, parameter] of twin.parameters) {
      const { data, shape } = truth[`d.${name}`]
      const moved = data.map((value, i) => value + way * allowedAt(during[`d.${name}`], i))
      parameter.g = new Tensor(moved, shape)
    }
    return twin.step()
  })
  return Object.fromEntries(
    Object.entries(middle).map(([name, value]) => {
      const reached = value.data.map((at, i) =>
        Math.max(...ends.map((end) => Math.abs(end[name].data[i] - at))),
      )
      const all = FACTOR * UNIT.float32 * largest(value)
      return [name, { all, more: new Tensor(reached, value.shape) }]
    }),
  )
}
