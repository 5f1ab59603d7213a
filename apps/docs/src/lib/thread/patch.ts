import { type Tensor, tensor } from '@handgrad/tensor'
import { trainingImages } from '../mnist.ts'

/** The one that it is shown. */
export const digit = 7
/** Side of the patch that it sees of it. */
export const SIDE = 6

/** A piece of one image of MNIST. */
export interface Patch {
  /** Which of the training images. */
  readonly image: number
  /** All of that image, bytes of grey. */
  readonly pixels: Uint8Array
  readonly row: number
  readonly column: number
  /** Grey values from 0 to 1, [1,1,SIDE,SIDE], float64. */
  readonly x: Tensor
}

/** The spread of some numbers around their mean. */
function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
}

/** The first 7 of MNIST's training images, and the piece of it in which the grey values differ most; of ties the first. */
export async function sevensPatch(): Promise<Patch> {
  const { images, labels } = await trainingImages()
  const image = labels.indexOf(digit)
  const piece = (row: number, column: number): number[] =>
    Array.from({ length: SIDE * SIDE }, (_, i) => {
      const at = (image * 28 + row + Math.floor(i / SIDE)) * 28 + column + (i % SIDE)
      return images[at] / 255
    })
  let best = { row: 0, column: 0, spread: -1 }
  for (let row = 0; row <= 28 - SIDE; row++) {
    for (let column = 0; column <= 28 - SIDE; column++) {
      const spread = variance(piece(row, column))
      if (spread > best.spread) best = { row, column, spread }
    }
  }
  const { row, column } = best
  const pixels = images.slice(image * 784, (image + 1) * 784)
  return { image, pixels, row, column, x: tensor(Float64Array.from(piece(row, column)), [1, 1, SIDE, SIDE]) }
}
