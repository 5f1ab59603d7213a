import { formatShape, type IntDType, numel, Tensor } from '@handgrad/tensor'
import { checkIndex, type Dataset, type Sample } from './dataset.ts'

/** Samples that are already tensors, as torch's `TensorDataset`: x float32 [N, …], y integers [N]. */
export class TensorDataset implements Dataset {
  readonly x: Tensor<'float32'>
  readonly y: Tensor<IntDType>
  readonly length: number
  readonly #sampleShape: readonly number[]

  /** @throws RangeError when x and y disagree in the number of samples. */
  constructor(x: Tensor<'float32'>, y: Tensor<IntDType>) {
    if (x.dtype !== 'float32') throw new TypeError(`TensorDataset: x is ${String(x.dtype)}, expected float32`)
    if (x.shape.length === 0 || y.shape.length !== 1 || x.shape[0] !== y.shape[0]) {
      const shapes = `x is ${formatShape(x.shape)} and y ${formatShape(y.shape)}`
      throw new RangeError(`TensorDataset: ${shapes}, expected x [N,…] and y [N] of the same N`)
    }
    this.x = x
    this.y = y
    this.length = x.shape[0]!
    this.#sampleShape = x.shape.slice(1)
  }

  get(index: number): Sample {
    checkIndex(index, this.length, 'TensorDataset')
    const size = numel(this.#sampleShape)
    const values = this.x.data.slice(index * size, (index + 1) * size)
    return [new Tensor<'float32'>(values, this.#sampleShape), Number(this.y.data[index])]
  }

  gather(order: Int32Array, from: number, to: number, x: Float32Array, y: Int32Array): void {
    const size = numel(this.#sampleShape)
    for (let i = from; i < to; i++) {
      const source = order[i] * size
      const target = (i - from) * size
      for (let j = 0; j < size; j++) x[target + j] = this.x.data[source + j]!
      y[i - from] = Number(this.y.data[order[i]])
    }
  }
}
