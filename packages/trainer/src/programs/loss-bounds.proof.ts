import { UNIT } from '@handgrad/gradcheck'
import { type DType, numel, type Tensor, zeros } from '@handgrad/tensor'
import { growth } from './bounds.proof.ts'
import type { LossCase } from './case.proof.ts'

/** Logits [N,C,…] with their errors, the target, and the loss's gradient. */
export interface LossPass {
  readonly logits: Tensor
  readonly error: Tensor
  readonly target: Tensor<DType>
  readonly gradient: Tensor
}

/** The errors of each sample's loss, added up as the reduction does, and of the logits' gradient. */
export interface LossBound {
  readonly losses: Float64Array
  readonly gradient: Tensor
}

/** q, laid out as the logits: what each log-probability is multiplied with. */
function weightsOf(
  { options, target: kind }: LossCase,
  target: Tensor<DType>,
  C: number,
  D: number,
): Float64Array {
  const { weight, labelSmoothing: e = 0, ignoreIndex = -100 } = options
  const classes = kind !== 'probabilities'
  const count = classes ? target.data.length * C : target.data.length
  return Float64Array.from({ length: count }, (_, i) => {
    const [n, c, d] = [Math.floor(i / (C * D)), Math.floor(i / D) % C, i % D]
    const t = classes ? Number(target.data[n * D + d]) : c
    if (classes && t === ignoreIndex) return 0
    const share = classes ? Number(c === t) : Number(target.data[i])
    return Math.fround(weight?.[c] ?? 1) * ((1 - e) * share + e / C)
  })
}

/** What the mean divides by. */
function divisor({ options, target: kind }: LossCase, target: Tensor<DType>, samples: number): number {
  const { weight, reduction = 'mean', ignoreIndex = -100 } = options
  if (reduction !== 'mean') return 1
  if (kind === 'probabilities') return samples
  const counted = Array.from(target.data, Number).filter((t) => t !== ignoreIndex)
  return counted.reduce((sum, t) => sum + Math.fround(weight?.[t] ?? 1), 0)
}

/**
 * How far the loss and its gradient may be off, from how far the logits are: q is exact, softmax(z) changes by the factor
 * exp of what z and the logarithm of the sum change by.
 */
export function lossBound(
  loss: LossCase,
  { logits, error, target, gradient }: LossPass,
  upstream: Float64Array | null,
): LossBound {
  const [N, C, ...rest] = logits.shape
  const D = numel(rest)
  const q = weightsOf(loss, target, C, D)
  const scale = 1 / divisor(loss, target, N * D)
  const losses = new Float64Array(N * D)
  const bound: Tensor = zeros(logits.shape, { dtype: 'float64' })
  for (let s = 0; s < N * D; s++) {
    const places = Array.from({ length: C }, (_, c) => (Math.floor(s / D) * C + c) * D + (s % D))
    const own = places.reduce((total, i) => total + q[i], 0)
    if (own === 0) continue
    const top = Math.max(...places.map((i) => logits.data[i]))
    const sum = places.reduce((total, i) => total + Math.exp(logits.data[i] - top), 0)
    const most = Math.max(...places.map((i) => error.data[i]))
    // The exponential is within 2 ULP; its argument is rounded at its own size.
    const rounding = (i: number): number =>
      UNIT.float32 * (growth(C) + 2 + Math.abs(logits.data[i] - top) / 2)
    const dL = scale * Math.abs(upstream?.[s] ?? 1)
    for (const i of places) {
      const reach = error.data[i] + most + rounding(i)
      losses[s] += q[i] * scale * reach
      const p = (Math.exp(logits.data[i] - top) / sum) * own * dL
      bound.data[i] = p * Math.expm1(reach) + UNIT.float32 * (p + Math.abs(gradient.data[i]))
    }
  }
  return { losses, gradient: bound }
}
