import {
  COUNT,
  type Compiler,
  checkOptions,
  numel,
  startOf,
  type Tensor,
  type Value,
  zeros,
} from '@handgrad/tensor'

import { type ImageShape } from '../engine/images.ts'
import { type Compiled, type Fold, FormulaLayer } from '../layer.ts'

/** The options of {@link ReLU}: there are none. */
export type ReLUOptions = Readonly<Record<string, never>>

/**
 * y = max(0, x), elementwise; dx = dy · 1(x > 0). Any shape.
 *
 * As torch: NaN stays NaN and passes its gradient; the gradient at 0 and −0 is 0, and ReLU(−0) is −0.
 */
export class ReLU extends FormulaLayer<null, Tensor> {
  constructor(_options: ReLUOptions = {}) {
    super()
    checkOptions('ReLU', {}, arguments, 0)
  }

  protected plan(): null {
    return null
  }

  protected compute(x: Tensor): { y: Tensor; saved: Tensor } {
    const y: Tensor = zeros(x.shape, { dtype: x.dtype })
    // `v < 0 ? 0 : v` and not `Math.max(0, v)`: −0 stays −0.
    for (let i = 0; i < y.data.length; i++) {
      const v = x.data[i]
      y.data[i] = v < 0 ? 0 : v
    }
    return { y, saved: x }
  }

  protected gradients(dy: Tensor, x: Tensor, _plan: null, inputGrad: boolean): Tensor | null {
    if (!inputGrad) return null
    const dx: Tensor = zeros(x.shape, { dtype: x.dtype })
    // `x <= 0` and not `!(x > 0)`: a NaN passes its gradient.
    for (let i = 0; i < dx.data.length; i++) dx.data[i] = x.data[i] <= 0 ? 0 : dy.data[i]
    return dx
  }

  outputShape(shape: readonly number[], dtype: Tensor['dtype'] = 'float32'): number[] {
    this.checkDtype(dtype)
    return [...shape]
  }

  override kernelShape(shape: readonly number[]): ImageShape {
    return { N: 1, C: numel(shape), H: 1, W: 1, rank: 2 }
  }

  override get readsLines(): null {
    return null
  }

  override get folds(): Fold {
    return 'rectify'
  }

  override compile(input: Value, compiler: Compiler): Compiled {
    const floats = input.image / 4
    const y = compiler.inPlaceOf(input)
    compiler.note(this, 'lanes')
    compiler.call('layers/relu_forward', COUNT, floats, startOf(input), startOf(y))
    compiler.backward(input, y, [], (given) => {
      const dy = compiler.fit(given, input)
      const dx = compiler.inPlaceOf(dy)
      compiler.call('layers/relu_backward', COUNT, floats, startOf(y), startOf(dy), startOf(dx))
      return dx
    })
    return { value: y }
  }

  describe(): string {
    return 'ReLU()'
  }
}
