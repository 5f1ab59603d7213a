import { describeValue, formatShape, sameShape, Tensor } from '@handgrad/tensor'
import { unravel } from '../compare.ts'
import { kinkAt } from './kink.ts'
import { allowance, type Change, type DifferenceOptions, EPS, isClose, slopesAt } from './slopes.ts'

/** One coordinate of a gradient, both ways. */
export interface Coordinate {
  readonly index: readonly number[]
  /** From `bwd()`. */
  readonly analytic: number
  /** From finite differences. */
  readonly numeric: number
}

/** What was found for one input or parameter. */
export interface GradcheckTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly coordinates: number
  readonly skipped: number
  readonly failed: number
  /** Where |analytic − numeric| is largest: of the wrong coordinates, or of all that were checked; null where none was. */
  readonly worst: Coordinate | null
}

/** A tensor with the gradient that `bwd()` left, or what is wrong with that before any of its numbers is looked at. */
export interface Subject {
  readonly name: string
  readonly x: Tensor
  readonly problem: string | null
  readonly analytic: Float64Array | null
}

/** What `x.g` is instead of a tensor like `x`; null where it is one. */
export function malformed(name: string, x: Tensor): string | null {
  const found: unknown = x.g
  const expected = `expected ${x.dtype} ${formatShape(x.shape)}`
  if (found === null) return `d${name}: bwd() left ${name}.g null, ${expected}`
  if (!(found instanceof Tensor)) return `d${name}: bwd() left ${name}.g ${describeValue(found)}, ${expected}`
  const { dtype, shape } = found
  if (dtype === x.dtype && sameShape(shape, x.shape)) return null
  return `d${name}: bwd() left ${name}.g ${dtype} ${formatShape(shape)}, ${expected}`
}

/** What is said of a tensor without a gradient of its own shape and dtype: all of it is wrong. */
export function allWrong({ name, x: { shape, data } }: Subject): GradcheckTensor {
  return { name, shape, coordinates: data.length, skipped: 0, failed: data.length, worst: null }
}

/** |a − b|, infinite where it is NaN. */
function gapOf(a: number, b: number): number {
  const gap = Math.abs(a - b)
  return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap
}

/** How one coordinate came out. */
type Verdict = 'close' | 'wrong' | 'kink'

/** The verdict and the numeric value. A kink excuses a difference that is no larger than the change of slope at it. */
function verdictOf(f: Change, x: number, analytic: number, options: DifferenceOptions): [Verdict, number] {
  const { eps = EPS } = options
  const { numeric, right, left } = slopesAt(f, x, options)
  const close = isClose(analytic, numeric, options)
  if (close && isClose(right, left, options)) return ['close', numeric]
  const judged = close ? 'close' : 'wrong'
  const change = kinkAt(f, x, eps)
  const allowed = allowance(numeric, options)
  const excused = change > allowed && gapOf(analytic, numeric) <= change + allowed
  return [excused ? 'kink' : judged, numeric]
}

/** Compares a gradient with differences, coordinate by coordinate; `change(i)` moves coordinate i of `x`. */
export function judge(
  { name, x }: Pick<Subject, 'name' | 'x'>,
  analytic: Float64Array,
  change: (i: number) => Change,
  options: DifferenceOptions,
): GradcheckTensor {
  const count = { close: 0, wrong: 0, kink: 0 }
  let [worst, gap]: [Coordinate | null, number] = [null, -1]
  for (let i = 0; i < analytic.length; i++) {
    const [verdict, numeric] = verdictOf(change(i), x.data[i], analytic[i], options)
    count[verdict]++
    if (verdict === 'kink' || (verdict === 'close' && count.wrong > 0)) continue
    const here = gapOf(analytic[i], numeric)
    if (here <= gap && !(verdict === 'wrong' && count.wrong === 1)) continue
    gap = here
    worst = { index: unravel(i, x.shape), analytic: analytic[i], numeric }
  }
  const { wrong: failed, kink: skipped } = count
  return { name, shape: x.shape, coordinates: analytic.length, skipped, failed, worst }
}
