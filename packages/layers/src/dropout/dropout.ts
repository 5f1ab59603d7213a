import { defaultGenerator, type Generator, type Tensor, zeros } from '@handgrad/tensor'
import { FormulaLayer } from '../layer.ts'

/** The options of {@link Dropout}. */
export interface DropoutOptions {
  /** Where the masks are drawn from; the default generator unless told. */
  generator?: Generator
}

/**
 * In training, each element is zeroed with probability `p` and the others are scaled by 1/(1−p): y = x · m, dx = dy · m.
 * In evaluation y = x. Any shape.
 *
 * The mask is drawn as torch draws it; p = 0, p = 1 and evaluation draw nothing.
 * Source: Srivastava et al., JMLR 15 (2014), scaled in training ("inverted").
 */
export class Dropout extends FormulaLayer<null, Tensor | null> {
  readonly p: number
  readonly #generator: Generator

  /** @throws RangeError when p is not between 0 and 1. */
  constructor(p = 0.5, { generator = defaultGenerator }: DropoutOptions = {}) {
    super()
    if (!(p >= 0 && p <= 1))
      throw new RangeError(`Dropout: p is ${p}, expected a probability between 0 and 1`)
    this.p = p
    this.#generator = generator
  }

  protected plan(): null {
    return null
  }

  protected compute(x: Tensor): { y: Tensor; saved: Tensor | null } {
    const mask = this.training && this.p > 0 ? this.#mask(x) : null
    return { y: times(x, mask), saved: mask }
  }

  protected gradients(dy: Tensor, mask: Tensor | null, _plan: null, inputGrad: boolean): Tensor | null {
    return inputGrad ? times(dy, mask) : null
  }

  /** 1/(1−p) where an element is kept, 0 where it is dropped. */
  #mask(x: Tensor): Tensor {
    const mask: Tensor = zeros(x.shape, { dtype: x.dtype })
    if (this.p === 1) return mask
    this.#generator.bernoulli(mask.data, 1 - this.p)
    const keep = x.dtype === 'float32' ? Math.fround(1 - this.p) : 1 - this.p
    for (let i = 0; i < mask.data.length; i++) mask.data[i] /= keep
    return mask
  }

  outputShape(shape: readonly number[], dtype: Tensor['dtype'] = 'float32'): number[] {
    this.checkDtype(dtype)
    return [...shape]
  }

  describe(): string {
    return `Dropout(${this.p})`
  }
}

function times(x: Tensor, mask: Tensor | null): Tensor {
  const y = x.clone()
  if (mask !== null) for (let i = 0; i < y.data.length; i++) y.data[i] *= mask.data[i]
  return y
}
