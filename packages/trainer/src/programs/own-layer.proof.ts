import { type BackwardOptions, Layer } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'

function doubled(x: Tensor): Tensor {
  const y = x.clone()
  for (let i = 0; i < y.data.length; i++) y.data[i] *= 2
  return y
}

/** A layer as a user may write one, without kernels: y = 2x and dx = 2dy, both exact. */
export class Double extends Layer {
  #pass: { x: Tensor; y: Tensor } | null = null

  forward(x: Tensor): Tensor {
    const y = doubled(x)
    this.#pass = { x, y }
    return y
  }

  bwd({ inputGrad = true }: BackwardOptions = {}): void {
    const { x, y } = this.#pass!
    if (inputGrad) x.g = doubled(y.g!)
  }

  outputShape(shape: readonly number[]): number[] {
    return [...shape]
  }

  describe(): string {
    return 'Double()'
  }
}
