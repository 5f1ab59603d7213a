import { distance, findWorst, formatWorst, unravel } from '@handgrad/gradcheck'
import { Tensor } from '@handgrad/tensor'
import type { Allowance, Allowances } from './allowance.ts'
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
  { all, more }: Allowance,
): Row {
  const places = sampledPlaces(ours.data.length)
  const got: Tensor = new Tensor(
    expected.data.map((_, i) => ours.data[places[i]]),
    expected.shape,
  )
  const limit = (i: number): number => all + (more?.data[places[i]] ?? 0)
  const worst = findWorst(got, expected, limit, expected.dtype)
  const message =
    worst === null
      ? statsMessage(stats, ours, { all, more })
      : formatWorst({ ...worst, index: unravel(places[worst.index[0]], ours.shape) })
  return {
    tensor,
    shape: ours.shape,
    verdict: message === null ? (sameBits(got, expected) ? 'exact' : 'close') : 'apart',
    ...largestDifference(got, expected, limit),
    flipped: countBeyond(got, expected, all),
    scale: Math.max(Math.abs(stats[2]), Math.abs(stats[3])),
    ...(message === null ? {} : { message }),
  }
}

function countBeyond(got: Tensor, expected: Tensor, limit: number): number {
  let count = 0
  for (let i = 0; i < expected.data.length; i++) {
    if (distance(got.data[i], expected.data[i]) > limit) count++
  }
  return count
}

function sameBits(got: Tensor, expected: Tensor): boolean {
  return expected.data.every((value, i) => Object.is(value, got.data[i]))
}

function largestDifference(
  got: Tensor,
  expected: Tensor,
  limit: (i: number) => number,
): { difference: number; allowed: number } {
  let [difference, allowed] = [0, limit(0)]
  for (let i = 0; i < expected.data.length; i++) {
    const error = distance(got.data[i], expected.data[i])
    if (error > difference) [difference, allowed] = [error, limit(i)]
  }
  return { difference, allowed }
}

/** Sum, norm and extremes of all elements, the recorded ones and the others, against what they may be off together. */
function statsMessage(stats: Float64Array, ours: Tensor, { all, more }: Allowance): string | null {
  const n = ours.data.length
  const [moreSum, moreNorm, , moreMax] = more === null ? [0, 0, 0, 0] : statsOf(more)
  const extreme = UNRECORDED * all + moreMax
  const allowed = [n * all + moreSum, Math.sqrt(n) * all + moreNorm, extreme, extreme]
  const got = statsOf(ours)
  const names = ['sum', 'norm', 'smallest element', 'largest element']
  const wrong = names.findIndex(
    (_, i) => !(distance(got[i], stats[i]) <= allowed[i] + ROUNDING * n * Math.abs(stats[i])),
  )
  if (wrong < 0) return null
  const apart = `${distance(got[wrong], stats[wrong]).toPrecision(3)} apart, allowed ${allowed[wrong].toPrecision(3)}`
  return `${names[wrong]}: expected ${stats[wrong]}, got ${got[wrong]}, ${apart}`
}

/**
 * An extreme is seldom among the recorded elements, whose error `all` was taken from. The largest of n normal errors is
 * about √(2 ln n) deviations: 3.3 for the 256 that are recorded, 5.3 for a million.
 */
const UNRECORDED = 2

/** The statistics themselves are float64 sums. */
const ROUNDING = 2 ** -53
