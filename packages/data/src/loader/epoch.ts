import { describeValue, dtypeOf } from '@handgrad/tensor'
import type { Sampler } from './sampler.ts'

/** Where an epoch stands: enough to go on from there in another process. */
export interface EpochState {
  /** The samples in the order of this epoch, or null before the first batch. */
  readonly order: Int32Array | null
  /** How many of them have been handed out. */
  readonly position: number
  /** Whether the sampler was asked for more than there was: it draws no more then. */
  readonly exhausted: boolean
  /** What targets that are numbers have been so far; null before the first batch, and where they are tensors. */
  readonly targetDtype?: 'int32' | 'float32' | null
}

/** How an epoch is cut into batches. */
export interface BatchPlan {
  readonly count: number
  readonly batchSize: number
  readonly dropLast: boolean
}

/**
 * One pass over the samples. After `next()` has returned true, the batch is `order[from]` … `order[to − 1]`.
 *
 * Source: `BatchSampler` and `RandomSampler` of `torch.utils.data`, whose moments of drawing it keeps.
 */
export class Epoch {
  readonly #plan: BatchPlan
  readonly #sampler: Sampler
  #order: Int32Array | undefined
  #from: number
  #to: number
  #exhausted: boolean
  /** {@link EpochState.targetDtype}: the loader says it. */
  targetDtype: 'int32' | 'float32' | null

  constructor(
    plan: BatchPlan,
    sampler: Sampler,
    state: EpochState = { order: null, position: 0, exhausted: false },
  ) {
    this.#plan = plan
    this.#sampler = sampler
    this.#order = state.order?.slice()
    this.#from = state.position
    this.#to = state.position
    this.#exhausted = state.exhausted
    this.targetDtype = state.targetDtype ?? null
  }

  /** The samples in the order of this epoch; empty before the first `next()`. */
  get order(): Int32Array {
    return this.#order ?? NONE
  }

  get from(): number {
    return this.#from
  }

  get to(): number {
    return this.#to
  }

  /** Moves to the next batch; false when there is none. Allocates nothing after the first call. */
  next(): boolean {
    const { count, batchSize, dropLast } = this.#plan
    this.#order ??= this.#sampler.order()
    const left = count - this.#to
    this.#from = this.#to
    this.#to += Math.min(batchSize, left)
    // A partial batch reached beyond the last sample: torch's sampler draws before that batch comes, not after.
    if (left < batchSize) this.#exhaust()
    if (left < batchSize && dropLast) this.#from = this.#to
    return this.#to > this.#from
  }

  #exhaust(): void {
    if (this.#exhausted) return
    this.#exhausted = true
    this.#sampler.exhausted()
  }

  /** A copy of where the epoch stands, between two batches. */
  state(): EpochState {
    const place = this.place()
    return { ...place, order: place.order?.slice() ?? null }
  }

  /** The same, but for the order, which is this epoch's own: for who asks at every batch. It is never written to. */
  place(): EpochState {
    return {
      order: this.#order ?? null,
      position: this.#to,
      exhausted: this.#exhausted,
      targetDtype: this.targetDtype,
    }
  }
}

const NONE = new Int32Array(0)

/** @throws RangeError when the state is not one of an epoch over `count` samples. */
export function checkEpochState(state: EpochState, count: number): void {
  if (typeof state !== 'object' || state === null) {
    throw new TypeError(`DataLoader.resume: the state is ${describeValue(state)}, expected that of an epoch`)
  }
  const { order, position, targetDtype } = state
  if (order !== null && dtypeOf(order) !== 'int32') {
    throw new TypeError(`DataLoader.resume: order is ${describeValue(order)}, expected an Int32Array or null`)
  }
  if (!Number.isInteger(position) || position < 0 || position > count || (order === null && position > 0)) {
    throw new RangeError(`DataLoader.resume: position ${position} is not one of an epoch of ${count} samples`)
  }
  const seen = new Set(order?.filter((index) => index >= 0 && index < count))
  if (order !== null && (order.length !== count || seen.size !== count)) {
    throw new RangeError(`DataLoader.resume: order is not a permutation of this dataset's ${count} samples`)
  }
  if (targetDtype != null && targetDtype !== 'int32' && targetDtype !== 'float32') {
    throw new RangeError(
      `DataLoader.resume: targetDtype is ${String(targetDtype)}, expected int32, float32 or null`,
    )
  }
}
