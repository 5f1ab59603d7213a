import {
  allocate,
  type Compiler,
  checkOptions,
  checkTensor,
  describeValue,
  type FloatArray,
  formatShape,
  isFloat,
  type OptionNames,
  overridesKernel,
  sameShape,
  Tensor,
  tensor,
  type Value,
} from '@handgrad/tensor'
import { type CompiledLoss, compileLoss } from './compile.ts'
import { type Distribution, distribution } from './distribution.ts'
import { checkTarget, type Layout, layoutOf, type Target } from './layout.ts'
import { backwardOnKernel, forwardOnKernel, type KernelPass } from './on-kernel.ts'

/** How the losses of the samples become one: their (weighted) mean, their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none'

/** The options of {@link CrossEntropyLoss}, with torch's defaults. */
export interface CrossEntropyLossOptions {
  /** A weight per class, [C]. */
  weight?: Tensor
  /** Targets of this class index count for nothing; −100. */
  ignoreIndex?: number
  /** `'mean'` unless told. */
  reduction?: Reduction
  /** The share ε of the target that is spread evenly over all classes; 0. */
  labelSmoothing?: number
}

const optionNames: OptionNames<CrossEntropyLossOptions> = {
  weight: null,
  ignoreIndex: null,
  reduction: null,
  labelSmoothing: null,
}

/** What `forward` leaves for `bwd`. */
interface Pass {
  logits: Tensor
  loss: Tensor
  layout: Layout
  kept: { kernel: KernelPass } | (Distribution & { logp: Float64Array })
}

/**
 * Cross-entropy of logits z: a sample's loss is L = −Σ_c q_c · log softmax(z)_c, and dL/dz_c = softmax(z)_c · Σ_k q_k − q_c.
 *
 * Logits [C], [N,C] or [N,C,d…]; target: class indices (int32, int64 or uint8) of shape [], [N] or [N,d…], or
 * probabilities of the logits' shape. For plain class indices q is one-hot and the mean's gradient is
 * (softmax − one-hot)/N; `weight` and `labelSmoothing` change q as torch does (`distribution.ts`).
 */
export class CrossEntropyLoss {
  readonly weight: Tensor | null
  readonly ignoreIndex: number
  readonly reduction: Reduction
  readonly labelSmoothing: number
  #pass: Pass | null = null

  /** @throws RangeError for an unknown reduction, smoothing outside 0 … 1, or a weight that is not a float [C]. */
  constructor(options: CrossEntropyLossOptions = {}) {
    checkOptions('CrossEntropyLoss', optionNames, arguments, 0)
    const { weight = null, ignoreIndex = -100, reduction = 'mean', labelSmoothing = 0 } = options
    if (!['mean', 'sum', 'none'].includes(reduction)) {
      throw new RangeError(
        `CrossEntropyLoss: reduction is ${describeValue(reduction)}, expected 'mean', 'sum' or 'none'`,
      )
    }
    if (typeof labelSmoothing !== 'number' || !(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new RangeError(
        `CrossEntropyLoss: labelSmoothing is ${describeValue(labelSmoothing)}, expected 0 to 1`,
      )
    }
    if (!Number.isSafeInteger(ignoreIndex)) {
      throw new RangeError(
        `CrossEntropyLoss: ignoreIndex is ${describeValue(ignoreIndex)}, expected a whole number`,
      )
    }
    if (weight !== null) checkTensor('CrossEntropyLoss', 'weight', weight)
    if (weight !== null && (weight.shape.length !== 1 || !isFloat(weight.dtype))) {
      throw new RangeError(
        `CrossEntropyLoss: weight is ${weight.dtype} ${formatShape(weight.shape)}, expected a float tensor [C]`,
      )
    }
    this.weight = weight
    this.ignoreIndex = ignoreIndex
    this.reduction = reduction
    this.labelSmoothing = labelSmoothing
  }

  /**
   * The loss: a tensor of shape [], or one number per sample when nothing is reduced.
   * @throws Error for shapes or dtypes that do not fit, or a target that is not a class; nothing has changed then.
   */
  forward(logits: Tensor, target: Target): Tensor {
    const layout = layoutOf(logits)
    checkTarget(logits, layout, target, this)
    const fast = forwardOnKernel(this, logits, layout, target)
    if (fast !== null) {
      const { total, pass } = fast
      const loss = tensor([this.reduction === 'mean' ? total / pass.counted : total], [])
      this.#pass = { logits, loss, layout, kept: { kernel: pass } }
      return loss
    }
    const logp = logSoftmax(logits.data, layout)
    const goal = distribution(target, layout, this)
    const losses = sampleLosses(logp, goal, layout, this.labelSmoothing)
    const loss = this.#reduce(losses, goal.divisor, logits, layout)
    this.#pass = { logits, loss, layout, kept: { ...goal, logp } }
    return loss
  }

  /** The weights, by the name of torch's buffer: they are given, and not trained. */
  namedBuffers(): [string, Tensor][] {
    return this.weight === null ? [] : [['weight', this.weight]]
  }

  /**
   * View 3: writes the loss down as a kernel behind a network's logits; null where it has none: weights, smoothing, or
   * losses that are not reduced.
   * @internal
   */
  compile(logits: Value, compiler: Compiler): CompiledLoss | null {
    return overridesKernel(this, ['forward', 'bwd']) ? null : compileLoss(this, logits, compiler)
  }

  #reduce(losses: Float64Array, divisor: number, logits: Tensor, { samples }: Layout): Tensor {
    const single = this.reduction !== 'none'
    const data: FloatArray = allocate(logits.dtype, single ? 1 : losses.length)
    if (single) {
      const total = losses.reduce((sum, loss) => sum + loss, 0)
      data[0] = this.reduction === 'mean' ? total / divisor : total
    } else {
      data.set(losses)
    }
    return new Tensor(data, single ? [] : samples)
  }

  /**
   * Writes `logits.g`, from the loss's own `.g` or, for a single loss without one, from 1.
   * @throws Error before a `forward`, or with reduction 'none' when the losses' `.g` is null or of another shape.
   */
  bwd(): void {
    if (this.#pass === null) throw new Error('CrossEntropyLoss.bwd(): call forward first')
    const { logits, loss, layout, kept } = this.#pass
    const dL = this.#upstream(loss)
    const { N, C, D } = layout
    if ('kernel' in kept) {
      const scale = dL[0] / (this.reduction === 'mean' ? kept.kernel.counted : 1)
      logits.g = new Tensor<'float32'>(backwardOnKernel(this, kept.kernel, scale), logits.shape)
      return
    }
    const { logp, q, classes, divisor } = kept
    const g: FloatArray = allocate(logits.dtype, logp.length)
    for (let s = 0; s < N * D; s++) {
      const first = Math.floor(s / D) * C * D + (s % D)
      const last = first + C * D
      // An ignored sample gets 0 even where the mean divides by 0.
      const scale = classes?.[s] === -1 ? 0 : dL[s % dL.length] / (this.reduction === 'mean' ? divisor : 1)
      let total = 0
      for (let i = first; i < last; i += D) total += q[i]
      for (let i = first; i < last; i += D) g[i] = (Math.exp(logp[i]) * total - q[i]) * scale
    }
    logits.g = new Tensor(g, logits.shape)
  }

  #upstream(loss: Tensor): FloatArray {
    if (loss.g === null) {
      if (loss.shape.length === 0) return Float64Array.of(1)
      throw new Error("CrossEntropyLoss.bwd(): with reduction 'none' set the losses' .g first")
    }
    if (!sameShape(loss.g.shape, loss.shape) || loss.g.dtype !== loss.dtype) {
      throw new Error(
        `CrossEntropyLoss.bwd(): the loss's .g is ${loss.g.dtype} ${formatShape(loss.g.shape)}, ` +
          `expected ${loss.dtype} ${formatShape(loss.shape)}`,
      )
    }
    return loss.g.data
  }
}

/** log softmax(z)_c = z_c − m − log Σ_k exp(z_k − m) with m = max z, so that no exponential overflows. */
function logSoftmax(z: FloatArray, { N, C, D }: Layout): Float64Array {
  const logp = Float64Array.from(z)
  for (let s = 0; s < N * D; s++) {
    const first = Math.floor(s / D) * C * D + (s % D)
    const last = first + C * D
    let max = -Infinity
    for (let i = first; i < last; i += D) max = Math.max(max, logp[i])
    let sum = 0
    for (let i = first; i < last; i += D) sum += Math.exp(logp[i] - max)
    const logSum = Math.log(sum)
    for (let i = first; i < last; i += D) logp[i] = logp[i] - max - logSum
  }
  return logp
}

/**
 * −Σ_c q_c · logp_c for each sample, 0 for an ignored one. Class indices without smoothing read their own class only, so
 * that a −∞ elsewhere does not matter.
 */
function sampleLosses(
  logp: Float64Array,
  { q, classes }: Distribution,
  { N, C, D }: Layout,
  smoothing: number,
): Float64Array {
  const losses = new Float64Array(N * D)
  for (let s = 0; s < N * D; s++) {
    const first = Math.floor(s / D) * C * D + (s % D)
    const own = classes === null ? null : classes[s]
    if (own === -1) continue
    const [from, to] = own === null || smoothing > 0 ? [0, C] : [own, own + 1]
    for (let c = from; c < to; c++) losses[s] -= q[first + c * D] * logp[first + c * D]
    // torch multiplies the own class's term by 1 − ε apart from the rest: 0 · ∞ is NaN.
    if (own !== null && smoothing === 1 && logp[first + own * D] === -Infinity) losses[s] = Number.NaN
  }
  return losses
}
