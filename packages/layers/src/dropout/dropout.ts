import {
  COUNT,
  type Compiler,
  checkGenerator,
  checkOptions,
  defaultGenerator,
  describeValue,
  type Generator,
  type OptionNames,
  startOf,
  type Tensor,
  type Value,
  zeros,
} from '@handgrad/tensor'
import { drawnBefore } from '../engine/replay.ts'
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
    const before = drawnBefore(this)
    if (before !== null) {
      mask.data.set(before)
      return mask
    }
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

  override get readsLines(): null {
    return null
  }

  override compile(input: Value, c: Compiler): Compiled {
    const { training } = this
    if (!training || this.p === 0) {
      c.note(this, 'nothing to do')
      return { value: input }
    }
    const { C, H, W } = input
    const drawn = c.take('batch', C * H * W * 4)
    const mask = c.like(input)
    // Drawn for the whole batch, in torch's order, before it is cut into shards.
    const draw = (): Float32Array => this.#mask(zeros([c.samples, C, H, W])).data as Float32Array
    c.draws.push({ layer: this, buffer: drawn.buffer, generator: this.#generator, draw })
    c.note(this, 'lanes')
    c.fill(drawn, mask)
    return { value: this.#times(input, mask, c) }
  }

  #times(x: Value, mask: Value, c: Compiler): Value {
    const y = c.inPlaceOf(x)
    c.call('layers/dropout_times', COUNT, x.image / 4, startOf(x), startOf(mask), startOf(y))
    c.backward(x, y, [], (given) => {
      const dy = c.fit(given, mask)
      const dx = c.inPlaceOf(dy)
      c.call('layers/dropout_times', COUNT, dy.image / 4, startOf(dy), startOf(mask), startOf(dx))
      return dx
    })
    return y
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
