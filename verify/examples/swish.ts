import { FormulaLayer } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'

/** y = x · σ(x), elementwise, which torch calls SiLU; dx = dy · (σ(x) + x · σ(x) · (1 − σ(x))). Any shape. */
export class Swish extends FormulaLayer<null, Tensor> {
  protected plan(): null {
    return null
  }

  protected compute(x: Tensor): { y: Tensor; saved: Tensor } {
    const y = x.clone()
    for (let i = 0; i < y.data.length; i++) y.data[i] *= sigmoid(x.data[i])
    return { y, saved: x }
  }

  protected gradients(dy: Tensor, x: Tensor): Tensor {
    const dx = dy.clone()
    for (let i = 0; i < dx.data.length; i++) dx.data[i] *= this.slope(x.data[i])
    return dx
  }

  protected slope(x: number): number {
    const s = sigmoid(x)
    return s + x * s * (1 - s)
  }

  outputShape(shape: readonly number[]): number[] {
    return [...shape]
  }

  describe(): string {
    return 'Swish()'
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}
