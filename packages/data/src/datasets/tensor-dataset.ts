import {
  checkTensor,
  type DType,
  dtypeOf,
  formatShape,
  type IntDType,
  isFloat,
  numel,
  Tensor,
} from '@handgrad/tensor'
import { checkIndex, checkInt32, type Dataset, type Gather, type Sample, type Target } from './dataset.ts'

/** The tensor of all targets: of integers, where a target is a number. */
type Targets<Y extends Target> = Tensor<Y extends Tensor<infer D> ? D : IntDType>

/**
 * Samples that are already tensors, as torch's `TensorDataset`: x float32 [N,…], y [N] or [N,…].
 *
 * A target is a number where y is integers [N], else a tensor: `new TensorDataset<Tensor<'float32'>>(x, y)`.
 */
export class TensorDataset<Y extends Target = number> implements Dataset<Y> {
  readonly x: Tensor<'float32'>
  readonly y: Targets<Y>
  readonly length: number
  readonly sampleShape: readonly number[]
  /** There where targets are numbers. */
  gather!: Y extends number ? Gather : never

  /** @throws RangeError when x and y disagree in the number of samples. */
  constructor(x: Tensor<'float32'>, y: Targets<Y>) {
    checkTensor('TensorDataset', 'x', x)
    checkTensor('TensorDataset', 'y', y)
    if (x.dtype !== 'float32') throw new TypeError(`TensorDataset: x is ${String(x.dtype)}, expected float32`)
    if (y.shape.length === 0 || x.shape[0] !== y.shape[0]) {
      const shapes = `x is ${formatShape(x.shape)} and y ${formatShape(y.shape)}`
      throw new RangeError(`TensorDataset: ${shapes}, expected x [N,…] and y [N] or [N,…] of the same N`)
    }
    this.x = x
    this.y = y
    this.length = x.shape[0]!
    this.sampleShape = Object.freeze(x.shape.slice(1))
    if (areNumbers(y)) this.gather = this.#gather as this['gather']
  }

  get(index: number): Sample<Y> {
    checkIndex(index, this.length, 'TensorDataset')
    const { x, y } = this
    const target: Target = areNumbers(y) ? Number(y.data[index]) : rowOf(y, index)
    return [rowOf(x, index), target as Y]
  }

  readonly #gather: Gather = (order, from, to, x, y) => {
    const { data } = this.x
    const size = numel(this.sampleShape)
    const whole = dtypeOf(y) === 'int32'
    for (let i = from; i < to; i++) {
      const index = order[i]
      const target = (i - from) * size
      for (let j = 0; j < size; j++) x[target + j] = data[index * size + j]!
      const value = Number(this.y.data[index])
      if (whole) checkInt32('TensorDataset', index, value)
      y[i - from] = value
    }
  }
}

const areNumbers = ({ dtype, shape }: Tensor<DType>): boolean => shape.length === 1 && !isFloat(dtype)

/** A copy of the part of `whole` [N,…] that belongs to sample `index`. */
function rowOf<D extends DType>(whole: Tensor<D>, index: number): Tensor<D> {
  const shape = whole.shape.slice(1)
  const size = numel(shape)
  return new Tensor<D>(whole.data.slice(index * size, (index + 1) * size) as Tensor<D>['data'], shape)
}
