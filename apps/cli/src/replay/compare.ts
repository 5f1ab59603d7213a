import { distance, findWorst, formatWorst, unravel } from '@handgrad/gradcheck'
import { Tensor } from '@handgrad/tensor'
import { type Allowance, type Allowances, allowedAt } from './allowance.ts'
import { largest } from './magnitudes.ts'
import { type RunRecord, recorded, statsOfRecord } from './record.ts'
import { sampledPlaces, statsOf } from './samples.ts'
import type { Named } from './twin.ts'

/** How one tensor of ours compares with PyTorch's. */
export interface Row {
  readonly tensor: string
  readonly shape: readonly number[]
  /** Every recorded element has the same bits; or all are within what is allowed; or not. */
  readonly verdict: 'exact' | 'close' | 'apart'
  /** The largest difference of the recorded elements. */
  readonly difference: number
  /** What is allowed where the difference is largest. */
  readonly allowed: number
  /** How many recorded elements are only allowed because a decision was close. */
  readonly flipped: number
  /** The largest magnitude of PyTorch's elements. */
  readonly scale: number
  /** Where they part, in words. */
  readonly message?: string
}

/** Compares every recorded tensor of step `t`, in the order in which PyTorch made them. */
export function compareStep(record: RunRecord, t: number, ours: Named, allowances: Allowances): Row[] {
  return record.about.tensors.map((name, row) => {
    const stats = statsOfRecord(record, t, row)
    return compareTensor(
      name,
      recorded(record, `${t}/${name}`) as Tensor,
      stats,
      ours[name],
      allowances[name],
    )
  })
}

function compareTensor(
  tensor: string,
  expected: Tensor,
  stats: Float64Array,
  ours: Tensor,
  allowance: Allowance,
): Row {
  const places = sampledPlaces(ours.data.length)
  const got: Tensor = new Tensor(
    expected.data.map((_, i) => ours.data[places[i]]),
    expected.shape,
  )
  const limit = (i: number): number => allowedAt(allowance, places[i])
  const worst = findWorst(got, expected, limit, expected.dtype)
  const message =
    worst === null
      ? statsMessage(stats, ours, allowance)
      : formatWorst({ ...worst, index: unravel(places[worst.index[0]], ours.shape) })
  const isExact = expected.data.every((value, i) => Object.is(value, got.data[i]))
  const errors = Array.from(expected.data, (value, i) => distance(got.data[i], value))
  const furthest = errors.indexOf(Math.max(...errors))
  return {
    tensor,
    shape: ours.shape,
    verdict: message === null ? (isExact ? 'exact' : 'close') : 'apart',
    difference: errors[furthest],
    allowed: limit(furthest),
    flipped: errors.filter((error) => error > allowance.all).length,
    scale: Math.max(-stats[2], stats[3]),
    ...(message === null ? {} : { message }),
  }
}

/** Sum, norm and extremes of all elements, the recorded ones and the others, against what they may be off together. */
function statsMessage(stats: Float64Array, ours: Tensor, { all, more }: Allowance): string | null {
  const n = ours.data.length
  const [moreSum, moreNorm] = more === null ? [0, 0] : statsOf(more)
  const extreme = UNRECORDED * all + (more === null ? 0 : largest(more))
  const allowed = [n * all + moreSum, Math.sqrt(n) * all + moreNorm, extreme, extreme]
  const got = statsOf(ours)
  const names = ['sum', 'norm', 'smallest element', 'largest element']
  const errors = got.map((value, i) => distance(value, stats[i]))
  const wrong = errors.findIndex((error, i) => !(error <= allowed[i] + ROUNDING * n * Math.abs(stats[i])))
  if (wrong < 0) return null
  const apart = `${errors[wrong].toPrecision(3)} apart, allowed ${allowed[wrong].toPrecision(3)}`
  return `${names[wrong]}: expected ${stats[wrong]}, got ${got[wrong]}, ${apart}`
}

/**
 * An extreme is seldom among the recorded elements, whose error `all` was taken from. The largest of n normal errors is
 * about √(2 ln n) deviations: 3.3 for the 256 that are recorded, 5.3 for a million.
 */
const UNRECORDED = 2

/** The statistics themselves are float64 sums. */
const ROUNDING = 2 ** -53
