import { type BackwardOptions, backwardOnKernels, forwardOnKernels, Sequential } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'

/**
 * A Sequential whose kernels are planned for all layers together, as in training: a pooled convolution is one kernel
 * then, its way back is sparse, and Winograd's transforms are used. Without kernels it is a Sequential.
 */
export class WholeNetwork extends Sequential {
  /** What has kernels: a subclass with a `forward` of its own has none. */
  readonly #plain = new Sequential(...this.layers)
  #pass: { input: Tensor; x: Tensor; y: Tensor } | null = null

  override forward(input: Tensor): Tensor {
    const fast = forwardOnKernels(this.#plain, input, () => this.outputShape(input.shape, input.dtype))
    this.#pass = fast === null ? null : { input, ...fast }
    return fast?.y ?? super.forward(input)
  }

  override backward({ inputGrad = true }: BackwardOptions = {}): void {
    const { input, x, y } = this.#pass ?? {}
    const fast = x && y?.g ? backwardOnKernels(this.#plain, x, y.g, inputGrad) : null
    if (fast === null) {
      super.backward({ inputGrad })
      return
    }
    for (const [parameter, gradient] of fast.parameters) {
      const total = parameter.g?.data
      if (total === undefined) parameter.g = gradient
      else
        gradient.data.forEach((value, i) => {
          total[i] += value
        })
    }
    if (inputGrad) input!.g = fast.dx
  }
}
