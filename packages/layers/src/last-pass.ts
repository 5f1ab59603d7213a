/**
 * What a network's forward has left of several layers together: each layer's own pass is made of it when it is asked for.
 * @internal
 */
export interface NetworkPass {
  /** Gives every layer that it went through a pass of its own. */
  layOut(): void
}

/**
 * The last pass of a layer: its own, or a network's that went through it, until the layer is asked for its part.
 * @internal
 */
export class LastPass<Own> {
  #own: Own | null = null
  #lent: NetworkPass | null = null

  get own(): Own | null {
    return this.#own
  }

  /** The layer's own is the last one now. */
  keep(own: Own): void {
    this.#own = own
    this.#lent = null
  }

  /** A network's is the last one now; null where it has no more to give. */
  lend(pass: NetworkPass | null): void {
    this.#lent = pass
  }

  /**
   * The layer's own, made of the network's where that is the last one.
   * @throws Error where there is none.
   */
  open(layer: { describe(): string }): Own {
    this.#lent?.layOut()
    if (this.#own === null) throw new Error(`${layer.describe()}.bwd(): call forward first`)
    return this.#own
  }

  /** Puts today's in force once more when it is called, and gives what undoes that. */
  hold(): () => () => void {
    const held = this.#own
    return () => {
      const [own, lent] = [this.#own, this.#lent]
      this.#own = held
      this.#lent = null
      return () => {
        this.#own = own
        this.#lent = lent
      }
    }
  }

  close(): void {
    this.#own = null
    this.#lent = null
  }
}
