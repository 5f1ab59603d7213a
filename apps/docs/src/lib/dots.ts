/** A measured rate: the median of some rounds, and their lowest and highest. */
export interface Measurement {
  readonly label: string
  readonly ours: boolean
  readonly median: number
  readonly low: number
  readonly high: number
}

/** A measurement in the chart: where its dot and the ends of its line are, from 0 on the left to 1 on the right. */
export interface Dot extends Measurement {
  readonly at: number
  readonly from: number
  readonly to: number
}

/** What a chart of rates shows: the fastest first, on an axis of powers of ten, for some are a thousand times as fast as others. */
export interface Dots {
  readonly rows: readonly Dot[]
  readonly ticks: readonly { readonly value: number; readonly at: number }[]
}

/**
 * Places rates on a logarithmic axis that begins and ends with a power of ten.
 * @throws RangeError for a rate that is not above 0, which has no place there.
 */
export function dotsOf(measurements: readonly Measurement[]): Dots {
  const all = measurements.flatMap(({ median, low, high }) => [median, low, high])
  const wrong = all.find((rate) => !(rate > 0 && Number.isFinite(rate)))
  if (wrong !== undefined) throw new RangeError(`a rate is ${wrong}, expected a number above 0`)
  const first = Math.floor(Math.log10(Math.min(...all)))
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...all))))
  const place = (rate: number): number => (Math.log10(rate) - first) / (last - first)
  const rows = measurements
    .map((one) => ({ ...one, at: place(one.median), from: place(one.low), to: place(one.high) }))
    .sort((a, b) => b.median - a.median)
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => ({
    value: 10 ** (first + i),
    at: i / (last - first),
  }))
  return { rows, ticks }
}
