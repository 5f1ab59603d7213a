import { checkOptions, type FloatArray, type OptionNames, type Tensor, zeros } from '@handgrad/tensor'
import { elementwise, ownKernels } from '../kernels.ts'
import { checkRange, Optimizer } from '../optimizer.ts'

/** The options of {@link SGD}, with torch's defaults. */
export interface SGDOptions {
  /** Learning rate; 0.001. */
  lr?: number
  /** μ, how much of the last step is kept; 0. */
  momentum?: number
  /** τ, how much of a new gradient the momentum leaves out; 0. */
  dampening?: number
  /** λ, the L2 penalty's factor; 0. */
  weightDecay?: number
  /** Looks one step of momentum ahead; false. */
  nesterov?: boolean
  /** Climbs instead of descending; false. */
  maximize?: boolean
}

const optionNames: OptionNames<SGDOptions> = {
  lr: null,
  momentum: null,
  dampening: null,
  weightDecay: null,
  nesterov: null,
  maximize: null,
}

function resolve({
  lr = 0.001,
  momentum = 0,
  dampening = 0,
  weightDecay = 0,
  nesterov = false,
  maximize = false,
}: SGDOptions): Required<SGDOptions> {
  checkRange('SGD', 'lr', lr, 0)
  checkRange('SGD', 'momentum', momentum, 0)
  checkRange('SGD', 'dampening', dampening, -Infinity)
  checkRange('SGD', 'weightDecay', weightDecay, 0)
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new RangeError('SGD: nesterov needs a momentum above 0 and dampening 0')
  }
  return { lr, momentum, dampening, weightDecay, nesterov, maximize }
}

/**
 * Stochastic gradient descent: p ← p − lr·d, with d = g + λp, and with momentum d = v, v ← μv + (1−τ)(g + λp).
 *
 * The first v is the gradient itself. With Nesterov's momentum d = g + λp + μv.
 * Source: torch.optim.SGD; Sutskever et al., ICML 2013.
 */
export class SGD extends Optimizer<Required<SGDOptions>> {
  /** @throws RangeError for a negative option, or `nesterov` without momentum or with dampening. */
  constructor(parameters: readonly Tensor[], options: SGDOptions = {}) {
    checkOptions('SGD', optionNames, arguments, 1)
    super(parameters, resolve(options))
  }

  protected resolve(options: SGDOptions): Required<SGDOptions> {
    return resolve(options)
  }

  protected keeps(parameter: Tensor): Record<string, readonly number[]> {
    return { momentum_buffer: parameter.shape }
  }

  protected update(parameter: Tensor, gradient: FloatArray, kept: Record<string, Tensor>): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = this.options
    if (this.#onKernel(parameter, gradient, kept)) return
    const p = parameter.data
    const first = momentum !== 0 && kept.momentum_buffer === undefined
    if (first) kept.momentum_buffer = parameter.clone()
    const v = kept.momentum_buffer?.data
    for (let i = 0; i < p.length; i++) {
      let d = maximize ? -gradient[i] : gradient[i]
      // As torch: without decay the parameter is not looked at, for 0 · ∞ is NaN.
      if (weightDecay !== 0) d += weightDecay * p[i]
      if (momentum !== 0) {
        v[i] = first ? d : momentum * v[i] + (1 - dampening) * d
        d = nesterov ? d + momentum * v[i] : v[i]
      }
      p[i] -= lr * d
    }
  }

  /** View 3 of the same formula (`sgd.as.ts`). */
  #onKernel(parameter: Tensor, gradient: FloatArray, kept: Record<string, Tensor>): boolean {
    const kernels = ownKernels()
    if (kernels === null || parameter.dtype !== 'float32') return false
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = this.options
    const first = momentum !== 0 && kept.momentum_buffer === undefined
    if (first) kept.momentum_buffer = zeros(parameter.shape)
    const rates = [lr, momentum, 1 - dampening, weightDecay, maximize ? -1 : 1] as const
    const arrays = [parameter, ...(momentum === 0 ? [] : [kept.momentum_buffer])]
    elementwise(
      gradient as Float32Array,
      arrays.map(({ data }) => data as Float32Array),
      (floats, g, [p, v = 0]) =>
        kernels['loss-optim/sgd_step'](floats, p, g, v, ...rates, nesterov ? 1 : 0, first ? 1 : 0),
    )
    return true
  }
}
