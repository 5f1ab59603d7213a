import { distance } from './compare.ts'
import { ulp } from './ulp.ts'

/** The upper ends of the bins, in units in the last place; what is above the last one is in a bin of its own. */
export const BIN_ENDS: readonly number[] = [0, 0.5, 1, 2, 4, 8, 16, 64, 256, 4096]

/** No element counted yet. */
export function emptyHistogram(): number[] {
  return new Array<number>(BIN_ENDS.length + 1).fill(0)
}

/** How many elements of a float32 result are how far from the truth, each in units in the last place of its truth. */
export function histogramOf(got: ArrayLike<number>, truth: ArrayLike<number>): number[] {
  const bins = emptyHistogram()
  for (let i = 0; i < truth.length; i++) {
    // mutant: swapped arguments is equivalent because the distance is the same both ways
    const error = distance(got[i], truth[i])
    const ulps = error === 0 ? 0 : error / ulp(Math.fround(truth[i]), 'float32')
    const bin = BIN_ENDS.findIndex((end) => ulps <= end)
    bins[bin < 0 ? BIN_ENDS.length : bin]++
  }
  return bins
}

/** Both together. */
export function addHistograms(a: readonly number[], b: readonly number[]): number[] {
  return a.map((count, bin) => count + b[bin])
}
