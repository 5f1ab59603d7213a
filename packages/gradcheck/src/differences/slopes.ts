/** Half the distance between the two points, unless told. */
export const EPS = 1e-6

/** How finite differences are taken and judged; the numbers of torch.autograd.gradcheck unless told. */
export interface DifferenceOptions {
  /** Half the distance between the two points; 1e-6. */
  readonly eps?: number
  /** Allowed absolute difference; 1e-5. */
  readonly atol?: number
  /** Allowed difference relative to the numeric value; 1e-3. */
  readonly rtol?: number
}

/**
 * What moving one coordinate to `value` changes: dy · (y(value) − y(x)) for each element of y, x being where the coordinate
 * stands. Elements that do not move add no rounding.
 */
export type Change = (value: number) => Float64Array

/** What differences say at one coordinate. */
export interface Slopes {
  /** (f(x+ε) − f(x−ε)) / 2ε. */
  readonly numeric: number
  /** (f(x+ε) − f(x)) / ε and (f(x) − f(x−ε)) / ε. */
  readonly right: number
  readonly left: number
}

/** How far a gradient may be from a numeric value. */
export function allowance(numeric: number, { atol = 1e-5, rtol = 1e-3 }: DifferenceOptions): number {
  return atol + rtol * Math.abs(numeric)
}

/** |a − b| ≤ atol + rtol·|b|. */
export function isClose(a: number, b: number, options: DifferenceOptions): boolean {
  return Math.abs(a - b) <= allowance(b, options)
}

function sum(terms: Float64Array): number {
  let total = 0
  for (let i = 0; i < terms.length; i++) total += terms[i]
  return total
}

/** Differences of Σ `f` around `x`. x+ε is rounded: each is divided by the distance that is really there. */
export function slopesAt(f: Change, x: number, { eps = EPS }: DifferenceOptions): Slopes {
  const [above, below] = [x + eps, x - eps]
  const [up, down] = [sum(f(above)), sum(f(below))]
  return { numeric: (up - down) / (above - below), right: up / (above - x), left: -down / (x - below) }
}
