import { formatShape, Tensor } from '@handgrad/tensor'
import { checkIndex, type Dataset, type Sample } from './dataset.ts'

/** What an {@link ImageDataset} is made of. */
export interface GreyImages {
  /** Grey values [N,H,W], 0 to 255. */
  readonly images: Uint8Array
  /** Classes [N]. */
  readonly labels: Uint8Array
  readonly height: number
  readonly width: number
  /** Mean and standard deviation of the pixels on the scale 0 to 1. */
  readonly mean: number
  readonly std: number
}

/**
 * What torchvision's `ToTensor` and `Normalize` make of each of the 256 grey values: (v/255 − mean) / std, every step
 * rounded to float32.
 */
export function normalizationTable(mean: number, std: number): Float32Array {
  const { fround } = Math
  return Float32Array.from({ length: 256 }, (_, v) => fround(fround(v / 255) - fround(mean)) / fround(std))
}

/** Grey images kept as bytes; a sample is x float32 [1,H,W], normalised through a table, and its class. */
export class ImageDataset implements Dataset {
  readonly images: Uint8Array
  readonly labels: Uint8Array
  /** [1,H,W]. */
  readonly sampleShape: readonly number[]
  readonly length: number
  /** The normalised value of each grey value. */
  readonly table: Float32Array

  /** @throws RangeError when the bytes are not as many as the labels and extents say, or `std` is not above 0. */
  constructor({ images, labels, height, width, mean, std }: GreyImages) {
    if (images.length !== labels.length * height * width) {
      const needed = `${labels.length} labels need ${formatShape([labels.length, height, width])}`
      throw new RangeError(`ImageDataset: ${images.length} bytes of images, ${needed}`)
    }
    if (!(std > 0)) throw new RangeError(`ImageDataset: std is ${std}, expected a number above 0`)
    this.images = images
    this.labels = labels
    this.sampleShape = Object.freeze([1, height, width])
    this.length = labels.length
    this.table = normalizationTable(mean, std)
  }

  /** The normalised value of black, which is what lies around an image. */
  get background(): number {
    return this.table[0]
  }

  get(index: number): Sample {
    checkIndex(index, this.length, 'ImageDataset')
    const x = new Float32Array(this.images.length / this.length)
    const y = new Int32Array(1)
    this.gather(Int32Array.of(index), 0, 1, x, y)
    return [new Tensor<'float32'>(x, this.sampleShape), y[0]]
  }

  gather(order: Int32Array, from: number, to: number, x: Float32Array, y: Int32Array | Float32Array): void {
    const { images, labels, table } = this
    const size = this.sampleShape[1] * this.sampleShape[2]
    for (let i = from; i < to; i++) {
      const source = order[i] * size
      const target = (i - from) * size
      for (let j = 0; j < size; j++) x[target + j] = table[images[source + j]]!
      y[i - from] = labels[order[i]]!
    }
  }
}
