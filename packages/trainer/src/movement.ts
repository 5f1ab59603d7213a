import type { Sequential } from '@handgrad/layers'
import type { FloatArray, Tensor } from '@handgrad/tensor'

/** The names of the parameters that stand still; frozen ones (`requiresGrad`) are not among them. */
export interface Stalled {
  /** Every element of its gradient was 0 at each step. */
  readonly zeroGradient: readonly string[]
  /** No step changed a bit of it. */
  readonly unmoved: readonly string[]
}

/** Watches whether an epoch moves every parameter. What has moved once is not looked at again, so it costs a step or two. */
export class Movement {
  readonly #parameters: ReadonlyMap<string, Tensor>
  readonly #zero: Set<string>
  readonly #still: Set<string>
  readonly #before = new Map<string, FloatArray>()

  /** From the start of an epoch, or from where `saved` says that one stands. */
  constructor(net: Sequential, saved?: Stalled) {
    this.#parameters = new Map(net.namedParameters())
    const names = [...this.#parameters.keys()]
    const known = (list: readonly string[] = names): Set<string> =>
      new Set(list.filter((name) => names.includes(name)))
    this.#zero = known(saved?.zeroGradient)
    this.#still = known(saved?.unmoved)
  }

  /** Gradients are there, and the optimizer has not moved yet. */
  beforeStep(): void {
    for (const name of this.#zero) {
      const { g } = this.#parameters.get(name)!
      if (g?.data.some((value) => value !== 0)) this.#zero.delete(name)
    }
    for (const name of this.#still) this.#before.set(name, this.#parameters.get(name)!.data.slice())
  }

  /** The optimizer has moved. */
  afterStep(): void {
    for (const [name, before] of this.#before) {
      const { data } = this.#parameters.get(name)!
      if (before.some((value, i) => !Object.is(value, data[i]))) this.#still.delete(name)
    }
    this.#before.clear()
  }

  /** What stands still so far, in the network's order. */
  get stalled(): Stalled {
    const trained = (names: ReadonlySet<string>): string[] =>
      [...names].filter((name) => this.#parameters.get(name)!.requiresGrad)
    return { zeroGradient: trained(this.#zero), unmoved: trained(this.#still) }
  }
}
