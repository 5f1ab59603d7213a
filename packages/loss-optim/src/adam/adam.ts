import {
  checkOptions,
  describeValue,
  type FloatArray,
  type OptionNames,
  type Tensor,
  zeros,
} from '@handgrad/tensor'
import { elementwise, ownKernels } from '../kernels.ts'
import { checkRange, Optimizer } from '../optimizer.ts'

/** The options of {@link Adam}, with torch's defaults. */
export interface AdamOptions {
  /** Learning rate; 0.001. */
  lr?: number
  /** β₁ and β₂, how much of the running means of g and g² is kept; [0.9, 0.999]. */
  betas?: readonly [number, number]
  /** ε, keeps the denominator above 0; 1e-8. */
  eps?: number
  /** λ, the L2 penalty's factor; 0. */
  weightDecay?: number
  /** Divides by the largest running mean of g² so far; false. */
  amsgrad?: boolean
  /** Climbs instead of descending; false. */
  maximize?: boolean
}

const optionNames: OptionNames<AdamOptions> = {
  lr: null,
  betas: null,
  eps: null,
  weightDecay: null,
  amsgrad: null,
  maximize: null,
}

function resolve({
  lr = 0.001,
  betas = [0.9, 0.999],
  eps = 1e-8,
  weightDecay = 0,
  amsgrad = false,
  maximize = false,
}: AdamOptions): Required<AdamOptions> {
  checkRange('Adam', 'lr', lr, 0)
  if (!Array.isArray(betas) || betas.length !== 2) {
    throw new RangeError(`Adam: betas is ${describeValue(betas)}, expected a pair such as [0.9, 0.999]`)
  }
  checkRange('Adam', 'betas[0]', betas[0], 0, 1)
  checkRange('Adam', 'betas[1]', betas[1], 0, 1)
  checkRange('Adam', 'eps', eps, 0)
  checkRange('Adam', 'weightDecay', weightDecay, 0)
  return { lr, betas: [betas[0], betas[1]], eps, weightDecay, amsgrad, maximize }
}

/**
 * Adam: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← p − lr/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε), with g ← g + λp first.
 *
 * Source: Kingma and Ba, ICLR 2015, in torch.optim.Adam's arrangement; AMSGrad: Reddi et al., ICLR 2018.
 */
export class Adam extends Optimizer<Required<AdamOptions>> {
  /** @throws RangeError for a negative option or a β outside 0 … 1. */
  constructor(parameters: readonly Tensor[], options: AdamOptions = {}) {
    checkOptions('Adam', optionNames, arguments, 1)
    super(parameters, resolve(options))
  }

  protected resolve(options: AdamOptions): Required<AdamOptions> {
    return resolve(options)
  }

  protected keeps({ shape }: Tensor, { amsgrad }: AdamOptions): Record<string, readonly number[]> {
    const means = { step: [], exp_avg: shape, exp_avg_sq: shape }
    return amsgrad ? { ...means, max_exp_avg_sq: shape } : means
  }

  protected update(parameter: Tensor, gradient: FloatArray, kept: Record<string, Tensor>): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize } = this.options
    const [beta1, beta2] = betas
    for (const [key, shape] of Object.entries(this.keeps(parameter, this.options))) {
      kept[key] ??= zeros(shape, { dtype: key === 'step' ? 'float32' : parameter.dtype })
    }
    const t = ++kept.step.data[0]
    const stepSize = lr / (1 - beta1 ** t)
    const correction = Math.sqrt(1 - beta2 ** t)
    if (this.#onKernel(parameter, gradient, kept, stepSize, correction)) return
    const p = parameter.data
    const m = kept.exp_avg.data
    const v = kept.exp_avg_sq.data
    const largest = kept.max_exp_avg_sq?.data
    for (let i = 0; i < p.length; i++) {
      let g = maximize ? -gradient[i] : gradient[i]
      // As torch: without decay the parameter is not looked at, for 0 · ∞ is NaN.
      if (weightDecay !== 0) g += weightDecay * p[i]
      m[i] = beta1 * m[i] + (1 - beta1) * g
      v[i] = beta2 * v[i] + (1 - beta2) * g * g
      if (amsgrad) largest[i] = Math.max(largest[i], v[i])
      const spread = Math.sqrt((amsgrad ? largest : v)[i])
      p[i] -= (stepSize * m[i]) / (spread / correction + eps)
    }
  }

  /** View 3 of the same formula (`adam.as.ts`). */
  #onKernel(
    parameter: Tensor,
    gradient: FloatArray,
    kept: Record<string, Tensor>,
    stepSize: number,
    correction: number,
  ): boolean {
    const kernels = ownKernels()
    if (kernels === null || parameter.dtype !== 'float32') return false
    const { betas, eps, weightDecay, amsgrad, maximize } = this.options
    const rates = [stepSize, ...betas, 1 - betas[0], 1 - betas[1], eps, correction, weightDecay] as const
    const means = [kept.exp_avg, kept.exp_avg_sq, ...(amsgrad ? [kept.max_exp_avg_sq] : [])]
    const arrays = [parameter, ...means].map(({ data }) => data as Float32Array)
    elementwise(gradient as Float32Array, arrays, (floats, g, [p, m, v, largest = 0]) =>
      kernels['loss-optim/adam_step'](floats, p, g, m, v, largest, ...rates, maximize ? -1 : 1),
    )
    return true
  }
}
