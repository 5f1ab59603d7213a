/** Where some values lie. */
export interface Spread {
  readonly mean: number
  /** The standard deviation, of n values with n − 1; null for one. */
  readonly deviation: number | null
  readonly least: number
  readonly most: number
}

/** The spread of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return {
    mean,
    deviation: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1)),
    least: Math.min(...values),
    most: Math.max(...values),
  }
}

/** The spread in words: `98.12 % ± 0.21 % (97.80 % to 98.44 %)`. */
export function spreadText(
  { mean, deviation, least, most }: Spread,
  text: (value: number) => string,
): string {
  if (deviation === null) return text(mean)
  return `${text(mean)} ± ${text(deviation)} (${text(least)} to ${text(most)})`
}
