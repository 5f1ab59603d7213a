import {
  COUNT,
  type Compiler,
  checkGenerator,
  checkOptions,
  defaultGenerator,
  describeValue,
  type Generator,
  type OptionNames,
  type Tensor,
  type Value,
  zeros,
} from '@handgrad/tensor'
import { type Compiled, FormulaLayer } from '../layer.ts'

/** The options of {@link Dropout}. */
export interface DropoutOptions {
  /** Where the masks are drawn from; the default generator unless told. */
  generator?: Generator
}

const optionNames: OptionNames<DropoutOptions> = { generator: null }

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
  constructor(p = 0.5, options: DropoutOptions = {}) {
    super()
    checkOptions('Dropout', optionNames, arguments, 1)
    const { generator = defaultGenerator } = options
    checkGenerator('Dropout', generator)
    if (typeof p !== 'number' || !(p >= 0 && p <= 1))
      throw new RangeError(`Dropout: p is ${describeValue(p)}, expected a probability between 0 and 1`)
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

  override compile(input: Value, c: Compiler): Compiled {
    if (!c.training || this.p === 0) {
      c.note(this, 'nothing to do')
      return { value: input }
    }
    const { C, H, W, cell, row, image } = input
    const size = C * H * W
    const drawn = c.take('fixed', size * 4 * c.samples, size * 4)
    const mask = c.image(C, H, W, { border: input.border, align: cell / 4 })
    // Drawn for the whole batch, in torch's order, before it is cut into shards.
    c.beforeBatch.push((memory, fixed) => {
      const { data } = this.#mask(zeros([c.samples, C, H, W]))
      new Float32Array(memory, fixed + drawn.offset, data.length).set(data)
    })
    c.note(this, 'lanes')
    c.call('tensor/image_in', drawn, mask.ref, COUNT, C, H, W, cell, row, image)
    const ends = [c.start(mask), c.start(input)] as const
    c.call('layers/dropout_times', COUNT, image / 4, c.start(input), ...ends)
    c.backward((given) => {
      const dy = c.fit(given, input)
      c.call('layers/dropout_times', COUNT, image / 4, c.start(dy), c.start(mask), c.start(dy))
      return dy
    })
    return { value: input }
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
