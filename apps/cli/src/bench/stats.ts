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
