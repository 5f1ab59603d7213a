import { Tensor } from '@handgrad/tensor'
import { FormulaLayer } from '../layer.ts'

/** The options of {@link ReLU}: there are none. */
export type ReLUOptions = Record<never, never>

/**
 * y = max(0, x), elementwise; dx = dy · 1(x > 0). Any shape.
 *
 * As torch: NaN stays NaN and passes its gradient; the gradient at 0 and −0 is 0, and ReLU(−0) is −0.
 */
export class ReLU extends FormulaLayer<null, Tensor> {
  constructor(_options: ReLUOptions = {}) {
    super()
  }

  protected plan(): null {
    return null
  }

  protected compute(x: Tensor): { y: Tensor; saved: Tensor } {
    const y = x.clone()
    for (let i = 0; i < y.data.length; i++) if (y.data[i]! < 0) y.data[i] = 0
    return { y, saved: x }
  }

  protected gradients(dy: Tensor, x: Tensor, _plan: null, inputGrad: boolean): Tensor | null {
    if (!inputGrad) return null
    const dx = dy.clone()
    // `x <= 0` and not `!(x > 0)`: a NaN passes its gradient.
    for (let i = 0; i < dx.data.length; i++) if (x.data[i]! <= 0) dx.data[i] = 0
    return dx
  }

  outputShape(shape: readonly number[], dtype: Tensor['dtype'] = 'float32'): number[] {
    this.checkDtype(dtype)
    return [...shape]
  }

  describe(): string {
    return 'ReLU()'
  }
}
