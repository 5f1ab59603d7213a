/** A peer's two measurements around one of ours must agree to this share, or the pair does not count. */
const STEADY = 0.1

/** The middle one of some measurements, and how far they reach. */
export interface Range {
  readonly median: number
  readonly low: number
  readonly high: number
}

/** @throws RangeError when there is nothing to take the middle of. */
export function rangeOf(values: readonly number[]): Range {
  if (values.length === 0) throw new RangeError('no median of no values')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median, low: sorted[0], high: sorted.at(-1) }
}

/** The median of what some values were drawn from, and a range that holds it with at least the given confidence. */
export interface MedianRange extends Range {
  /** How likely at least: 1 − 2 P(Binomial(n, ½) < rank). */
  readonly confidence: number
}

const CONFIDENCE = 0.95

/** The range from the `rank`th smallest value to the `rank`th largest misses the median so often: 2 P(Bin(n, ½) < rank). */
function missed(count: number, rank: number): number {
  let ways = 1
  let sum = 0
  for (let k = 0; k < rank; k++) {
    sum += ways
    ways = (ways * (count - k)) / (k + 1)
  }
  return (2 * sum) / 2 ** count
}

/** The fewest values that give a range: of 5, not even all together hold the median with 95 %. */
export const FEWEST = 6

/**
 * The median, and its 95 % range by order statistics: the narrowest range between two values, as many from each end,
 * that holds the median with 95 % or more, whatever the values' distribution is, if they are independent.
 * @throws RangeError for fewer than {@link FEWEST} values.
 */
export function medianRange(values: readonly number[]): MedianRange {
  const count = values.length
  if (count < FEWEST) throw new RangeError(`no 95 % range of ${count} values, ${FEWEST} at least`)
  const sorted = values.toSorted((a, b) => a - b)
  let rank = 1
  while (missed(count, rank + 1) <= 1 - CONFIDENCE) rank++
  const { median } = rangeOf(sorted)
  return { median, low: sorted[rank - 1], high: sorted[count - rank], confidence: 1 - missed(count, rank) }
}

/** Ours over theirs, pair by pair. */
export interface Pairs {
  /** Over the pairs that count; null when none does. */
  readonly ratio: Range | null
  /** Pairs that count, of those that were run. */
  readonly counted: number
  readonly run: number
}

/**
 * Pairs up ours[i] with the peer measured just before (theirs[i]) and just after it (theirs[i + 1]): the ratio is that
 * to their mean, and it counts where the two are less than 10 % apart.
 */
export function pairUp(ours: readonly number[], theirs: readonly number[]): Pairs {
  const run = Math.min(ours.length, theirs.length - 1)
  const ratios: number[] = []
  for (let i = 0; i < run; i++) {
    const mean = (theirs[i] + theirs[i + 1]) / 2
    if (Math.abs(theirs[i] - theirs[i + 1]) / mean < STEADY) ratios.push(ours[i] / mean)
  }
  return {
    ratio: ratios.length === 0 ? null : rangeOf(ratios),
    counted: ratios.length,
    run: Math.max(0, run),
  }
}
