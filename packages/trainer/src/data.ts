import { type BatchTransform, type Dataset, randomShift, randomSplit, type Subset } from '@handgrad/data'
import type { Sequential } from '@handgrad/layers'

/** Which data a run is made with: kept in its state, so that it goes on with no other. */
export interface DataOrigin {
  /** Its name. */
  readonly dataset: string
  /** The absolute path of its folder; null where the data comes by itself. */
  readonly folder: string | null
  /** What tells it from other data: `datasetDigest`. */
  readonly digest: string
}

/** What a run learns from, and what it is measured on at its end. */
export interface TrainData {
  readonly train: Dataset
  readonly test: Dataset
  /** The number of classes. */
  readonly classes: number
  /** The value around an image, which comes in when it is shifted. */
  readonly background: number
  /** Where it comes from, if that is known. */
  readonly origin?: DataOrigin
}

/** The share of the training images that is trained on; the rest validates. */
const TRAINING_SHARE = 0.8

/** Draws the training and the validation part: one `randperm` of the default generator. */
export function splitTraining(dataset: Dataset): [training: Subset, validation: Subset] {
  const training = Math.floor(dataset.length * TRAINING_SHARE)
  const [first, second] = randomSplit(dataset, [training, dataset.length - training])
  return [first, second]
}

/** Shifts by up to so many pixels, or nothing for 0: then no number is drawn either. */
export function augmentation(shift: number, background: number): { transform?: BatchTransform } {
  return shift === 0 ? {} : { transform: randomShift(shift, { fill: background }) }
}

/** @throws RangeError when the network has not as many outputs as there are classes: more would be counted as others. */
export function checkOutputs(
  net: Sequential,
  shape: readonly number[],
  model: string,
  classes: number,
): void {
  const outputs = net.outputShape(shape).at(-1)
  if (outputs === classes) return
  throw new RangeError(`model ${model} has ${outputs} outputs, the data ${classes} classes: expected as many`)
}
