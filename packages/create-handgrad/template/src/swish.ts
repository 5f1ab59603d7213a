import { FormulaLayer } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** y = x · σ(x), elementwise: a layer of your own, whose gradient nobody derives for you. */
export class Swish extends FormulaLayer<null, Tensor> {
  /** What the layer needs to know of its input's shape, and where it refuses one: nothing here. */
  protected plan(): null {
    return null
  }

  /** Forward: y = x · σ(x). What the way back needs is saved. */
  protected compute(x: Tensor): { y: Tensor; saved: Tensor } {
    const y = x.clone()
    y.data.set(x.data.map((v) => v * sigmoid(v)))
    return { y, saved: x }
  }

  /** Backward: dx = dy · (σ(x) + x · σ(x) · (1 − σ(x))). */
  protected gradients(dy: Tensor, x: Tensor): Tensor {
    const dx = dy.clone()
    for (const [i, v] of x.data.entries()) {
      const s = sigmoid(v)
      dx.data[i] = dy.data[i]! * (s + v * s * (1 - s))
    }
    return dx
  }

  outputShape(shape: readonly number[]): number[] {
    return [...shape]
  }

  describe(): string {
    return 'Swish()'
  }
}
