import type { Tensor } from '@handgrad/tensor'
import { isProbabilities, type Layout, type Target } from './layout.ts'

/** What each sample is compared with. */
export interface Distribution {
  /** q, laid out as the logits: what each log-probability is multiplied with. */
  q: Float64Array
  /** Each sample's class, −1 where it counts for nothing; null when the target is probabilities. */
  classes: Int32Array | null
  /** What the mean divides by: the targets' weights together, or the number of samples for probabilities. */
  divisor: number
}

/** The options that shape the target. */
export interface DistributionOptions {
  weight: Tensor | null
  ignoreIndex: number
  labelSmoothing: number
}

/** The target as weights of the log-probabilities. */
export function distribution(target: Target, layout: Layout, options: DistributionOptions): Distribution {
  return isProbabilities(target)
    ? ofProbabilities(target, layout, options)
    : ofIndices(target, layout, options)
}

/** q_c = (1−ε)·w_t·1(c = t) + ε/C·w_c, and 0 where t is ignored. */
function ofIndices(
  target: Exclude<Target, Tensor>,
  { N, C, D }: Layout,
  { weight, ignoreIndex, labelSmoothing: e }: DistributionOptions,
): Distribution {
  const q = new Float64Array(N * C * D)
  const classes = new Int32Array(N * D).fill(-1)
  let divisor = 0
  for (let s = 0; s < N * D; s++) {
    const t = Number(target.data[s])
    if (t === ignoreIndex) continue
    classes[s] = t
    const first = Math.floor(s / D) * C * D + (s % D)
    if (e > 0) for (let c = 0; c < C; c++) q[first + c * D] = (e / C) * (weight?.data[c] ?? 1)
    const w = weight?.data[t] ?? 1
    q[first + t * D] += (1 - e) * w
    divisor += w
  }
  // A total weight of 0 has no mean, and what counts no gradient. torch divides: ±∞ where weights of both signs cancel.
  return { q, classes, divisor: divisor === 0 ? Number.NaN : divisor }
}

/** q_c = w_c·((1−ε)·y_c + ε/C). */
function ofProbabilities(
  target: Tensor,
  { N, C, D }: Layout,
  { weight, labelSmoothing: e }: DistributionOptions,
): Distribution {
  const q = Float64Array.from(target.data, (y, i) => {
    const w = weight?.data[Math.floor(i / D) % C] ?? 1
    return w * ((1 - e) * y + e / C)
  })
  return { q, classes: null, divisor: N * D }
}
