import type { Tensor } from '@handgrad/tensor'
import { upstream } from '../gradients.ts'
import type { NetworkPass } from '../last-pass.ts'
import type { Layer } from '../layer.ts'
import { runsOwnCode } from '../own-code.ts'
import type { Pass } from './plans.ts'
import { replaying } from './replay.ts'

/**
 * A part of a network's forward: it goes back as a whole, or gives its layers passes of their own.
 * @internal
 */
export interface Part extends NetworkPass {
  readonly y: Tensor
  /** How many layers it is. */
  readonly count: number
  /** From the output's gradient to the input's, where that `mayWait` when it is first read, and the parameters'. */
  backward(inputGrad: boolean, mayWait?: boolean): void
}

/**
 * A layer of a network that ran by itself. What it does for others afterwards leaves the network's pass.
 * @internal
 */
export class Apart implements Part {
  readonly y: Tensor
  readonly count = 1
  readonly #layer: Layer
  readonly #resume: () => () => void

  constructor(layer: Layer, x: Tensor) {
    this.y = layer.forward(x)
    this.#layer = layer
    this.#resume = layer.hold()
  }

  backward(inputGrad: boolean): void {
    const suspend = this.#resume()
    try {
      this.#layer.bwd({ inputGrad })
    } finally {
      suspend()
    }
  }

  layOut(): void {}
}

/**
 * Layers of a network that are one program: their way back, all together or each by itself.
 * @internal
 */
export class Stretch implements Part {
  readonly #pass: Pass
  #isLaidOut = false

  constructor(pass: Pass) {
    this.#pass = pass
    for (const member of pass.plan.members) (member as Layer).lend(this)
  }

  get y(): Tensor {
    return this.#pass.y
  }

  get count(): number {
    return this.#pass.plan.layers.length
  }

  backward(inputGrad: boolean, mayWait?: boolean): void {
    const { y, plan } = this.#pass
    const { layers } = plan
    const dy = upstream(layers.at(-1) as Layer, y)
    if (layers.some(runsOwnCode)) {
      this.layOut()
      backwardThrough(layers, inputGrad)
      return
    }
    this.#pass.backward(dy, inputGrad, undefined, mayWait)
  }

  layOut(): void {
    if (this.#isLaidOut) return
    this.#isLaidOut = true
    const { input, y, plan } = this.#pass
    const { layers, members } = plan
    const { x, drawn } = this.#pass.given()
    for (const member of members) (member as Layer).lend(null)
    replaying(drawn, () => {
      let [values, from] = [x, input]
      for (const layer of layers) {
        values = layer.layOut(values, from, layer === layers.at(-1) ? y : null)
        from = values
      }
    })
  }
}

/**
 * `bwd()` of every layer in reverse.
 * @internal
 */
export function backwardThrough(layers: readonly Layer[], inputGrad: boolean): void {
  for (let i = layers.length - 1; i >= 0; i--) layers[i].bwd({ inputGrad: inputGrad || i > 0 })
}
