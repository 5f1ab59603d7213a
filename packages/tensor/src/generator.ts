import { describeValue } from './describe.ts'
import { arrayKind, dtypeOf, type FloatArray } from './dtype.ts'
import { addToOdd, fma } from './fma.ts'
import { Mt19937 } from './mt19937.ts'

/** The seed of a `new Generator()`: torch's own default. */
export const DEFAULT_SEED = 67280421310721

const MASK_24 = 0xffffff
const TWO_24 = 2 ** -24
const TWO_53 = 2 ** -53
const UINT64 = 1n << 64n

/**
 * torch's CPU random number generator: the same seed gives the same numbers, bit for bit.
 *
 * Source: ATen's `CPUGeneratorImpl` (standard mt19937) and `DistributionTemplates`, as run on AVX2 and AVX-512.
 */
export class Generator {
  #engine = new Mt19937()
  #seed = 0n
  /** Box-Muller makes two normals at a time; torch keeps the second one here for the next call. */
  #spareNormal: number | null = null

  /** @throws RangeError when `seed` is not a whole number between −2⁶³ and 2⁶⁴ − 1. */
  constructor(seed: number | bigint = DEFAULT_SEED) {
    this.manualSeed(seed)
  }

  /**
   * Starts again from `seed`; only its low 32 bits matter to the engine.
   * @throws RangeError when it is not a whole number between −2⁶³ and 2⁶⁴ − 1.
   */
  manualSeed(seed: number | bigint): this {
    this.#seed = toUint64(seed)
    this.#engine.seed(Number(this.#seed & 0xffffffffn))
    this.#spareNormal = null
    return this
  }

  /** The seed that was last given, as torch reports it: a number, or a bigint beyond 2⁵³. */
  initialSeed(): number | bigint {
    const number = Number(this.#seed)
    return Number.isSafeInteger(number) ? number : this.#seed
  }

  /** 32 random bits. */
  random32(): number {
    return this.#engine.next()
  }

  /** 64 random bits: the first word drawn is the high half. */
  random64(): bigint {
    const high = BigInt(this.#engine.next())
    return (high << 32n) | BigInt(this.#engine.next())
  }

  /** A double in [0, 1): the low 53 bits of {@link random64}. */
  random53(): number {
    const high = this.#engine.next() & 0x1fffff
    return (high * 2 ** 32 + this.#engine.next()) * TWO_53
  }

  /** Fills `out` with uniform numbers of [from, to), as `tensor.uniform_(from, to)` does. */
  uniform<T extends FloatArray>(out: T, from = 0, to = 1): T {
    if (dtypeOf(out) === 'float64') {
      for (let i = 0; i < out.length; i++) {
        const value = fma(this.random53(), to - from, from)
        out[i] = value === to ? from : value
      }
      return out
    }
    const lo = Math.fround(from)
    const hi = Math.fround(to)
    const span = Math.fround(hi - lo)
    for (let i = 0; i < out.length; i++) {
      // A fused multiply-add in torch: the product of two floats is exact in a double, and the sum must round once.
      const value = Math.fround(addToOdd((this.#engine.next() & MASK_24) * TWO_24 * span, lo))
      out[i] = value === hi ? lo : value
    }
    return out
  }

  /** Fills `out` with 1 (probability `p`) and 0, as `tensor.bernoulli_(p)` does: two words an element. */
  bernoulli<T extends FloatArray | Uint8Array>(out: T, p: number): T {
    for (let i = 0; i < out.length; i++) out[i] = this.random53() < p ? 1 : 0
    return out
  }

  /**
   * Fills `out` with normal numbers, as `tensor.normal_(mean, std)` does.
   *
   * Below 16 elements float32 is exact and float64 within 1 ULP; from 16 on torch's vectorised logarithm, sine and
   * cosine differ from JavaScript's, so float32 agrees to 1e-6.
   */
  normal<T extends FloatArray>(out: T, mean = 0, std = 1): T {
    if (out.length < 16) {
      for (let i = 0; i < out.length; i++) out[i] = fma(this.#normal53(), std, mean)
      return out
    }
    this.uniform(out)
    for (let i = 0; i + 16 <= out.length; i += 16) boxMuller16(out, i, mean, std)
    if (out.length % 16 !== 0) {
      // torch redraws the last 16 instead of finishing the rest.
      const last = out.length - 16
      this.uniform(out.subarray(last) as T)
      boxMuller16(out, last, mean, std)
    }
    return out
  }

  /** A random order of 0 … n−1, as `torch.randperm(n)` draws it. */
  randperm(n: number): Int32Array {
    if (!Number.isSafeInteger(n) || n < 0)
      throw new RangeError(`randperm(${describeValue(n)}): n must be a whole number ≥ 0`)
    const order = Int32Array.from({ length: n }, (_, i) => i)
    for (let i = 0; i < n - 1; i++) {
      const j = i + (this.#engine.next() % (n - i))
      const kept = order[i]
      order[i] = order[j]!
      order[j] = kept
    }
    return order
  }

  #normal53(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal
      this.#spareNormal = null
      return spare
    }
    const u1 = this.random53()
    const u2 = this.random53()
    const radius = Math.sqrt(-2 * Math.log1p(-u2))
    const theta = 2 * Math.PI * u1
    this.#spareNormal = radius * Math.sin(theta)
    return radius * Math.cos(theta)
  }

  /**
   * Gives what takes the generator back to where it is now.
   * @internal
   */
  mark(): () => void {
    const [engine, seed, spareNormal] = [this.#engine.clone(), this.#seed, this.#spareNormal]
    return () => {
      this.#engine = engine.clone()
      this.#seed = seed
      this.#spareNormal = spareNormal
    }
  }

  /** The whole state in the bytes of `torch.get_rng_state()`: 5,056 of them. */
  getState(): Uint8Array {
    const bytes = new Uint8Array(STATE.size)
    const view = new DataView(bytes.buffer)
    view.setBigUint64(STATE.seed, this.#seed, true)
    this.#engine.write(view, STATE.engine)
    view.setFloat64(STATE.normalY, this.#spareNormal ?? 0, true)
    view.setInt32(STATE.normalValid, this.#spareNormal === null ? 0 : 1, true)
    return bytes
  }

  /**
   * Continues from bytes of {@link getState} or of `torch.get_rng_state()`.
   * @throws RangeError when they are not such a state; nothing has changed then.
   */
  setState(bytes: Uint8Array): this {
    if (arrayKind(bytes) !== 'Uint8Array') {
      throw new TypeError(`Generator.setState: the state is ${describeValue(bytes)}, expected a Uint8Array`)
    }
    if (bytes.length !== STATE.size) {
      throw new RangeError(`Generator.setState: a state has ${STATE.size} bytes, got ${bytes.length}`)
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#engine.read(view, STATE.engine)
    this.#seed = view.getBigUint64(STATE.seed, true)
    this.#spareNormal =
      view.getInt32(STATE.normalValid, true) !== 0 ? view.getFloat64(STATE.normalY, true) : null
    return this
  }
}

/** Byte offsets of ATen's `CPUGeneratorImplState`: seed, engine, then the cached normals and their flags. */
const STATE = { seed: 0, engine: 8, normalY: 5024, normalValid: 5040, size: 5056 } as const

function boxMuller16(out: FloatArray, start: number, mean: number, std: number): void {
  for (let j = start; j < start + 8; j++) {
    const radius = Math.sqrt(-2 * Math.log(1 - out[j]))
    const theta = 2 * Math.PI * out[j + 8]
    out[j] = radius * Math.cos(theta) * std + mean
    out[j + 8] = radius * Math.sin(theta) * std + mean
  }
}

function toUint64(seed: number | bigint): bigint {
  if (typeof seed !== 'number' && typeof seed !== 'bigint') {
    throw new TypeError(`the seed is ${describeValue(seed)}, expected a whole number`)
  }
  if (typeof seed === 'number' && !Number.isInteger(seed)) {
    throw new RangeError(`seed ${seed} is not a whole number`)
  }
  const value = BigInt(seed)
  if (value < -(UINT64 / 2n) || value >= UINT64)
    throw new RangeError(`seed ${seed} is not between −2⁶³ and 2⁶⁴ − 1`)
  return BigInt.asUintN(64, value)
}
