import type { ImageDataset } from '@handgrad/data'

/** What a part of a dataset holds. */
export interface Survey {
  readonly images: number
  /** Of one image, [C,H,W]. */
  readonly shape: readonly number[]
  /** How many images each class has. */
  readonly counts: readonly number[]
  /** Of all pixels on the scale 0 to 1; the deviation divides by their number. NaN where there is no image. */
  readonly mean: number
  readonly std: number
}

/** Counts the images of each class, and measures the pixels, exactly. */
export function survey({ images, labels, length, sampleShape }: ImageDataset, classes: number): Survey {
  const counts = new Array<number>(classes).fill(0)
  for (const label of labels) counts[label]++
  // Whole numbers: of how many pixels each grey value there are.
  const histogram = new Float64Array(256)
  for (const value of images) histogram[value]++
  const moment = (power: 1 | 2): number =>
    histogram.reduce((sum, count, value) => sum + count * value ** power, 0) / images.length
  const mean = moment(1)
  const std = Math.sqrt(moment(2) - mean * mean)
  return { images: length, shape: sampleShape, counts, mean: mean / 255, std: std / 255 }
}
