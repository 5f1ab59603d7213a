import { type BackwardOptions, Layer } from '@handgrad/layers'
import { Tensor } from '@handgrad/tensor'

const SLOPE = 0.01

/** A layer of one's own as somebody writes it down: plain loops, output and gradient in fresh arrays. */
export class LeakyReLU extends Layer {
  #pass: { x: Tensor; y: Tensor } | null = null

  forward(x: Tensor): Tensor {
    const y = new Float32Array(x.data.length)
    for (let i = 0; i < y.length; i++) y[i] = x.data[i] > 0 ? x.data[i] : SLOPE * x.data[i]
    this.#pass = { x, y: new Tensor<'float32'>(y, x.shape) }
    return this.#pass.y
  }

  bwd({ inputGrad = true }: BackwardOptions = {}): void {
    if (this.#pass === null) throw new Error('LeakyReLU.bwd(): call forward first')
    if (!inputGrad) return
    const { x, y } = this.#pass
    const dx = new Float32Array(x.data.length)
    for (let i = 0; i < dx.length; i++) dx[i] = x.data[i] > 0 ? y.g!.data[i] : SLOPE * y.g!.data[i]
    x.g = new Tensor<'float32'>(dx, x.shape)
  }

  outputShape(shape: readonly number[]): number[] {
    return [...shape]
  }

  describe(): string {
    return 'LeakyReLU()'
  }
}
