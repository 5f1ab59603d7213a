import type { Batch } from '@handgrad/data'
import type { Confusion } from './confusion.ts'
import type { BatchResult } from './stepper.ts'
import type { Tally } from './tally.ts'

/** The images and the time of one batch. */
export interface BatchDone {
  images: number
  /** Its preparation included. */
  seconds: number
}

/** Runs `step` on every batch, adds it to `tally` (and `confusion`), and yields after each. */
export function* pass(
  batches: Iterable<Batch>,
  step: (...batch: Batch) => BatchResult,
  tally: Tally,
  confusion?: Confusion,
): Generator<BatchDone, void> {
  let resumed = performance.now()
  for (const [x, y] of batches) {
    const { loss, predicted } = step(x, y)
    const images = predicted.length
    const seconds = (performance.now() - resumed) / 1000
    tally.add(loss, countRight(predicted, y.data), images, seconds)
    confusion?.add(y.data, predicted)
    yield { images, seconds }
    resumed = performance.now()
  }
}

function countRight(predicted: Int32Array, truth: Int32Array): number {
  return predicted.reduce((right, value, i) => right + (value === truth[i] ? 1 : 0), 0)
}
