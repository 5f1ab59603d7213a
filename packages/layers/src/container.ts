import { checkTensor, type Tensor } from '@handgrad/tensor'
import { batchOf, type ImageShape } from './engine/images.ts'
import { forwardOnKernels, type Pass } from './engine/plans.ts'
import { replaying } from './engine/replay.ts'
import { inputGradOf, upstream } from './gradients.ts'
import { LastPass, type NetworkPass } from './last-pass.ts'
import { type BackwardOptions, Layer } from './layer.ts'
import { runsOwnCode } from './own-code.ts'

/** What `forward` read and gave, and what it kept for the way back: on kernels, or by the layers inside. */
interface OwnPass {
  /** The input that gets the gradient. */
  readonly input: Tensor
  readonly y: Tensor
  readonly kept: { readonly kernels: Pass } | { readonly x: Tensor; readonly own: Tensor }
}

/**
 * A layer that is made of layers. {@link through} and {@link back} are its two passes in terms of theirs; `compile`, where it
 * has one, is the same as kernels (`compileLayer` for each layer inside), and then runs in their place.
 */
export abstract class Container extends Layer {
  readonly #last = new LastPass<OwnPass>()

  /** The forward pass, by the layers inside. */
  protected abstract through(x: Tensor): Tensor

  /** The way back, by the layers inside: from the `.g` of what {@link through} gave to that of its x. */
  protected abstract back(options: Required<BackwardOptions>): void

  forward(x: Tensor): Tensor {
    checkTensor(this.describe(), 'input', x)
    this.outputShape(x.shape, x.dtype)
    const kernels = forwardOnKernels({ owner: this, layers: [this], training: this.training }, x)
    const y = kernels?.y ?? this.through(x)
    this.#last.keep({ input: x, y, kept: kernels === null ? { x, own: y } : { kernels } })
    return y
  }

  bwd(options?: BackwardOptions): void {
    const inputGrad = inputGradOf(this, options)
    const { input, y, kept } = this.#last.open(this)
    const dy = upstream(this, y)
    if ('kernels' in kept && runsOwnCode(this)) {
      // It got code of its own since: that goes back from a forward of its own, with the same random numbers.
      const { x, drawn } = kept.kernels.given()
      replaying(drawn, () => this.layOut(x, input, y))
      this.bwd({ inputGrad })
      return
    }
    if ('kernels' in kept) {
      kept.kernels.backward(dy, inputGrad, input)
      return
    }
    kept.own.g = dy
    this.back({ inputGrad })
    if (inputGrad) input.g = kept.x.g
  }

  override kernelShape(shape: readonly number[]): ImageShape | null {
    return batchOf([this], shape)
  }

  override lend(pass: NetworkPass | null): void {
    this.#last.lend(pass)
  }

  override layOut(x: Tensor, input: Tensor, y: Tensor | null): Tensor {
    const own = this.through(x)
    this.#last.keep({ input, y: y ?? own, kept: { x, own } })
    return y ?? own
  }

  /** Where the layers inside have gone on since, what they kept for the network's pass is gone: that is refused. */
  override hold(): () => () => void {
    const { own } = this.#last
    const resume = this.#last.hold()
    return () => {
      if (own !== null && 'x' in own.kept && this.#last.own !== own) {
        throw new Error(
          `${this.describe()}.bwd(): it was used by itself since the network's forward; call the network's forward again`,
        )
      }
      return resume()
    }
  }

  override close(): void {
    super.close()
    this.#last.close()
  }
}
