const N = 624
const M = 397

/**
 * The 32-bit Mersenne twister, with the counters of ATen's `at::mt19937` so that its state can be exchanged.
 *
 * Source: M. Matsumoto and T. Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998).
 */
export class Mt19937 {
  #state = new Uint32Array(N)
  /** Words until the state must be renewed, and the next one's place: two counters, as ATen keeps them. */
  #left = 1
  #next = 0

  /** Starts from a seed of 32 bits. */
  seed(seed: number): void {
    const state = this.#state
    state[0] = seed
    for (let i = 1; i < N; i++) {
      const previous = state[i - 1] ^ (state[i - 1] >>> 30)
      state[i] = Math.imul(1812433253, previous) + i
    }
    this.#left = 1
    this.#next = 0
  }

  /** The next 32 random bits. */
  next(): number {
    if (--this.#left === 0) this.#renew()
    let y = this.#state[this.#next++]
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    y ^= y >>> 18
    return y >>> 0
  }

  #renew(): void {
    const state = this.#state
    for (let i = 0; i < N; i++) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff)
      state[i] = state[(i + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.#left = N
    this.#next = 0
  }

  /** Another one that goes on as this one will. */
  clone(): Mt19937 {
    const copy = new Mt19937()
    copy.#state.set(this.#state)
    copy.#left = this.#left
    copy.#next = this.#next
    return copy
  }

  /** Writes ATen's layout at `offset`: left i32, seeded i32, next u64, then each word as a u64. */
  write(view: DataView, offset: number): void {
    view.setInt32(offset, this.#left, true)
    view.setInt32(offset + 4, 1, true)
    view.setBigUint64(offset + 8, BigInt(this.#next), true)
    this.#state.forEach((word, i) => view.setBigUint64(offset + 16 + 8 * i, BigInt(word), true))
  }

  /** @throws RangeError when the counters are out of range; nothing has changed then. */
  read(view: DataView, offset: number): void {
    const left = view.getInt32(offset, true)
    const next = Number(view.getBigUint64(offset + 8, true))
    const words = Array.from({ length: N }, (_, i) => view.getBigUint64(offset + 16 + 8 * i, true))
    if (left < 1 || left > N || next > N || words.some((word) => word > 0xffffffffn)) {
      throw new RangeError('Generator.setState: these bytes are not an mt19937 state')
    }
    this.#left = left
    this.#next = next
    this.#state.set(words.map(Number))
  }
}
