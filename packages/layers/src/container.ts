import { checkTensor, Tensor } from '@handgrad/tensor'
import { batchOf, type ImageShape } from './engine/images.ts'
import { forwardOnKernels, type Pass } from './engine/plans.ts'
import { replaying } from './engine/replay.ts'
import { addGrad, type BackwardOptions, Layer, type NetworkPass, upstream } from './layer.ts'
import { runsOwnCode } from './own-code.ts'

/**
 * A layer that is made of layers. {@link through} and {@link back} are its two passes in terms of theirs; `compile`, where it
 * has one, is the same as kernels (`compileLayer` for each layer inside), and then runs in their place.
 */
export abstract class Container extends Layer {
  #pass: { input: Tensor; y: Tensor; kept: { kernels: Pass } | { x: Tensor; own: Tensor } } | null = null
  #lent: NetworkPass | null = null

  /** The forward pass, by the layers inside. */
  protected abstract through(x: Tensor): Tensor

  /** The way back, by the layers inside: from the `.g` of what {@link through} gave to that of its x. */
  protected abstract back(options: Required<BackwardOptions>): void

  forward(x: Tensor): Tensor {
    checkTensor(this.describe(), 'input', x)
    this.outputShape(x.shape, x.dtype)
    const kernels = forwardOnKernels({ owner: this, layers: [this], training: this.training }, x)
    this.#lent = null
    const y = kernels?.y ?? this.through(x)
    this.#pass = { input: x, y, kept: kernels === null ? { x, own: y } : { kernels } }
    return y
  }

  bwd({ inputGrad = true }: BackwardOptions = {}): void {
    this.#lent?.layOut()
    if (this.#pass === null) throw new Error(`${this.describe()}.bwd(): call forward first`)
    const { input, y, kept } = this.#pass
    const dy = upstream(this, y)
    if ('kernels' in kept && runsOwnCode(this)) {
      // It got code of its own since: that goes back from a forward of its own, with the same random numbers.
      const { x, drawn } = kept.kernels.given()
      replaying(drawn, () => this.layOut(x, input, y))
      this.bwd({ inputGrad })
      return
    }
    if ('kernels' in kept) {
      const { dx, parameters } = kept.kernels.backward(dy, inputGrad)
      for (const [parameter, gradient] of parameters) addGrad(parameter, gradient)
      if (inputGrad) input.g = new Tensor<'float32'>(dx as Float32Array, input.shape)
      return
    }
    kept.own.g = dy
    this.back({ inputGrad })
    if (inputGrad) input.g = kept.x.g
  }

  override kernelShape(shape: readonly number[]): ImageShape | null {
    return batchOf(shape)
  }

  override lend(pass: NetworkPass | null): void {
    this.#lent = pass
  }

  override layOut(x: Tensor, input: Tensor, y: Tensor | null): Tensor {
    const own = this.through(x)
    this.#lent = null
    this.#pass = { input, y: y ?? own, kept: { x, own } }
    return y ?? own
  }

  override hold(): () => () => void {
    const held = this.#pass
    return () => {
      const [pass, lent] = [this.#pass, this.#lent]
      this.#pass = held
      this.#lent = null
      return () => {
        this.#pass = pass
        this.#lent = lent
      }
    }
  }

  override close(): void {
    super.close()
    this.#pass = null
    this.#lent = null
  }
}
