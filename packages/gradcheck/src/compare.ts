import { formatShape, sameShape, type Tensor } from '@handgrad/tensor'
import { type Precision, SMALLEST, ulp } from './ulp.ts'

/** Where two tensors differ most, relative to what is allowed there. */
export interface Worst {
  readonly index: readonly number[]
  readonly expected: number
  readonly got: number
  /** |got − expected|; infinite where only one of them is NaN or infinite. */
  readonly error: number
  /** The same in units in the last place of `expected`. */
  readonly ulps: number
  readonly allowed: number
}

/** The row-major index of element `flat` of `shape`. */
export function unravel(flat: number, shape: readonly number[]): number[] {
  const index: number[] = []
  let rest = flat
  for (const extent of [...shape].reverse()) {
    index.unshift(rest % extent)
    rest = Math.floor(rest / extent)
  }
  return index
}

/** |a − b|, with 0 for two NaN or two equal infinities, and infinity where only one is such. */
export function distance(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0
  const gap = Math.abs(a - b)
  return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap
}

/** The largest |got − expected|; 0 for no elements. */
export function maxError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = 0
  for (let i = 0; i < expected.length; i++) worst = Math.max(worst, distance(got[i], expected[i]))
  return worst
}

/**
 * The element that exceeds what is allowed by most, or null where none does; with `exact`, 0 and −0 differ.
 * @throws RangeError when the shapes differ.
 */
export function findWorst(
  got: Tensor,
  expected: Tensor,
  allowed: (flat: number) => number,
  dtype: Precision,
  exact = false,
): Worst | null {
  // mutant: swapped arguments is equivalent because both ways say whether two shapes are the same
  if (!sameShape(got.shape, expected.shape)) {
    throw new RangeError(`shape is ${formatShape(got.shape)}, expected ${formatShape(expected.shape)}`)
  }
  let worst: Worst | null = null
  let excess = 0
  for (let i = 0; i < expected.data.length; i++) {
    const limit = allowed(i)
    // mutant: swapped arguments is equivalent because the distance is the same both ways
    const gap = distance(got.data[i], expected.data[i])
    const error = exact && !Object.is(got.data[i], expected.data[i]) ? Math.max(gap, SMALLEST[dtype]) : gap
    if (error <= limit || error - limit <= excess) continue
    excess = error - limit
    const [e, g] = [expected.data[i], got.data[i]]
    worst = {
      index: unravel(i, expected.shape),
      expected: e,
      got: g,
      error,
      ulps: error / ulp(e, dtype),
      allowed: limit,
    }
  }
  return worst
}

/** How far in units in the last place; nothing where the distance says nothing: from 0, whose unit is the smallest number that there is. */
function inUnits({ expected, ulps }: Worst): string {
  if (expected === 0) return ''
  return ` (${ulps < 1000 ? ulps.toFixed(1) : ulps.toExponential(1)} ULP)`
}

/** `[1,0,2]: expected 1.5, got 1.25, 0.25 apart (2097152 ULP), allowed 1.2e-7`; without a distance from NaN or infinity. */
export function formatWorst(worst: Worst): string {
  const { index, expected, got, error, allowed } = worst
  const where = `${formatShape(index)}: expected ${expected}, got ${got}`
  if (!Number.isFinite(error)) return where
  const limit = allowed === 0 ? 'must be the same' : `allowed ${allowed.toPrecision(3)}`
  return `${where}, ${error.toPrecision(3)} apart${inUnits(worst)}, ${limit}`
}
