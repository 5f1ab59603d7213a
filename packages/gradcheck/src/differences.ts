import type { FloatArray } from '@handgrad/tensor'

/** How finite differences are taken and judged; the numbers of torch.autograd.gradcheck unless told. */
export interface DifferenceOptions {
  /** Half the distance between the two points; 1e-6. */
  readonly eps?: number
  /** Allowed absolute difference; 1e-5. */
  readonly atol?: number
  /** Allowed difference relative to the numeric value; 1e-3. */
  readonly rtol?: number
}

/** What differences say of one tensor. */
export interface Differences {
  /** (f(x+ε) − f(x−ε)) / 2ε at each coordinate. */
  readonly numeric: Float64Array
  /** 1 where the slopes on the two sides differ by more than is allowed: a kink between x−ε and x+ε. */
  readonly kink: Uint8Array
}

/** |a − b| ≤ atol + rtol·|b|. */
export function isClose(a: number, b: number, { atol = 1e-5, rtol = 1e-3 }: DifferenceOptions): boolean {
  return Math.abs(a - b) <= atol + rtol * Math.abs(b)
}

/**
 * Central differences of `f` at every element of `x`, which is changed in place and put back.
 *
 * A derivative does not exist where a ReLU's mask or an argmax changes between x−ε and x+ε. Whatever the function, the
 * slope to the right and the slope to the left part there: by O(ε) where `f` is smooth, by the size of the kink where it
 * is not. A kink too small to see this way moves the central difference by less than is allowed.
 */
export function differences(f: () => number, x: FloatArray, options: DifferenceOptions = {}): Differences {
  const { eps = 1e-6 } = options
  const numeric = new Float64Array(x.length)
  const kink = new Uint8Array(x.length)
  const here = f()
  for (let i = 0; i < x.length; i++) {
    const kept = x[i]
    x[i] = kept + eps
    const above = f()
    x[i] = kept - eps
    const below = f()
    x[i] = kept
    numeric[i] = (above - below) / (2 * eps)
    const [right, left] = [(above - here) / eps, (here - below) / eps]
    // A slope that is NaN or infinite is no kink but a failure, so it is not skipped.
    if (Number.isFinite(right - left) && !isClose(right, left, options)) kink[i] = 1
  }
  return { numeric, kink }
}
