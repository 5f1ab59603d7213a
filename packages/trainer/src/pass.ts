import type { Batch, DataLoader } from '@handgrad/data'
import { BatchesAhead } from './batches-ahead.ts'
import type { Confusion } from './confusion.ts'
import type { BatchResult } from './stepper.ts'
import type { Tally } from './tally.ts'

/** The images and the time of one batch. */
export interface BatchDone {
  images: number
  /** The preparation of a batch included: of the first one, and of the one that follows. */
  seconds: number
}

/** Computes a batch; it may call `meanwhile`, when its random numbers are drawn and other threads are at work. */
export type BatchStep = (batch: Batch, meanwhile: () => void) => BatchResult

/**
 * Runs `step` on every batch, adds it to `tally` (and `confusion`), and yields after each. While a batch is computed the
 * next one is prepared, so random draws come in the order of a loop that prepares each just before its step.
 */
export function* pass(
  loader: DataLoader,
  step: BatchStep,
  tally: Tally,
  confusion?: Confusion,
): Generator<BatchDone, void> {
  let resumed = performance.now()
  const batches = new BatchesAhead(loader)
  for (let batch = batches.next(); batch !== null; batch = batches.next()) {
    const { loss, predicted } = step(batch, () => batches.prepare())
    const y = batch[1].data
    const images = predicted.length
    const seconds = (performance.now() - resumed) / 1000
    const right = predicted.reduce((count, value, i) => count + (value === y[i] ? 1 : 0), 0)
    tally.add(loss, right, images, seconds)
    confusion?.add(y, predicted)
    yield { images, seconds }
    resumed = performance.now()
  }
}
