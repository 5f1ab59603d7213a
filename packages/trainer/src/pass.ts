import type { Batch, DataLoader, EpochState } from '@handgrad/data'
import { BatchesAhead } from './batches-ahead.ts'
import type { Confusion } from './confusion.ts'
import type { BatchResult } from './stepper.ts'
import { Tally, type TallyState } from './tally.ts'

/** The images and the time of one batch. */
export interface BatchDone {
  images: number
  /** The preparation of a batch included: of the first one, and of the one that follows. */
  seconds: number
}

/** Computes a batch; it may call `meanwhile`, when its random numbers are drawn and other threads are at work. */
export type BatchStep = (batch: Batch, meanwhile: () => void) => BatchResult

/** Where a pass stands: its batches and their sums. */
export interface PassState {
  readonly sampler: EpochState
  readonly tally: TallyState
}

/** One pass over the batches of a loader, which can be left after any of them, and gone on with. */
export class Pass {
  readonly tally: Tally
  /** The number of its batches. */
  readonly length: number
  readonly #batches: BatchesAhead

  /**
   * Begins an epoch of `loader`, with the draw that an iterator makes; or goes on with one that was saved, without.
   * @throws RangeError when the saved one is of another dataset.
   */
  constructor(loader: DataLoader, saved?: PassState) {
    this.#batches = new BatchesAhead(loader, saved?.sampler)
    this.tally = new Tally(saved?.tally)
    this.length = loader.length
  }

  /**
   * Runs `step` on every batch that is left, adds it to the tally (and to `confusion`), and yields after each. While a
   * batch is computed the next one is prepared, so random draws come in the order of a loop that prepares each just
   * before its step.
   */
  *run(step: BatchStep, confusion?: Confusion): Generator<BatchDone, void> {
    const batches = this.#batches
    let resumed = performance.now()
    for (let batch = batches.next(); batch !== null; batch = batches.next()) {
      const { loss, predicted } = step(batch, () => batches.prepare())
      const y = batch[1].data
      const images = predicted.length
      const seconds = (performance.now() - resumed) / 1000
      const right = predicted.reduce((count, value, i) => count + (value === y[i] ? 1 : 0), 0)
      this.tally.add(loss, right, images, seconds)
      confusion?.add(y, predicted)
      yield { images, seconds }
      resumed = performance.now()
    }
  }

  /** A copy of where the pass stands, and the default generator's state there: what is prepared is not drawn yet. */
  state(): PassState & { readonly generator: Uint8Array } {
    return { ...this.#batches.state(), tally: this.tally.state() }
  }
}
