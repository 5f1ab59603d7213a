import {
  type DataOf,
  type DType,
  describeValue,
  dtypeOf,
  formatShape,
  sameShape,
  type Tensor,
} from '@handgrad/tensor'
import { ADVICE, checkInt32 } from '../datasets/dataset.ts'
import { isPromise, isTensor, type RawSample } from './read-sample.ts'

/** What all targets of a loader are: numbers (shape []), in int32 or float32, or tensors of one shape and dtype. */
export interface TargetKind {
  readonly numbers: boolean
  readonly shape: readonly number[]
  readonly dtype: DType
}

/** Numbers as `dtype`. */
export const numbersOf = (dtype: 'int32' | 'float32'): TargetKind => ({ numbers: true, shape: [], dtype })

/**
 * What the targets of a batch are: of the kind `known` from the batches before it, or else the one that fits.
 *
 * Whole numbers are int32; one with a fraction makes all float32, unless batches of int32 are out already. `wanted`
 * makes all float32 from the start. Tensors keep their dtype, unless `wanted`.
 * @throws RangeError or TypeError, naming the sample, for a target that does not go with the others.
 */
export function kindOfTargets(
  samples: readonly RawSample[],
  known: TargetKind | null,
  wanted: 'float32' | undefined,
): TargetKind {
  for (const { index, y } of samples) {
    if (typeof y !== 'number' && !isTensor(y)) refuse(index, `${what(y)}, expected a number or a tensor`)
  }
  const kind = known ?? firstKind(samples, wanted)
  for (const sample of samples) {
    if (kind.numbers) checkNumber(sample, kind.dtype)
    else checkTensor(sample, kind, wanted)
  }
  return kind
}

function firstKind(samples: readonly RawSample[], wanted: 'float32' | undefined): TargetKind {
  const [{ y }] = samples
  if (isTensor(y)) return { numbers: false, shape: y.shape, dtype: wanted ?? y.dtype }
  return numbersOf(wanted ?? (samples.some((sample) => isFraction(sample.y)) ? 'float32' : 'int32'))
}

const isFraction = (value: unknown): boolean => Number.isFinite(value) && !Number.isInteger(value)

function checkNumber({ index, y }: RawSample, dtype: DType): void {
  if (typeof y !== 'number') return refuse(index, `${what(y)}, expected a number as in the other samples`)
  if (dtype === 'float32') {
    if (Number.isFinite(y) && !Number.isFinite(Math.fround(y)))
      refuse(index, `${y}, which float32 cannot hold`)
    return
  }
  if (isFraction(y)) refuse(index, `${y}, and so far this loader's targets are int32; ${ADVICE}`)
  if (!Number.isFinite(y)) refuse(index, `${y}, expected a whole number as in the other samples; ${ADVICE}`)
  checkInt32('DataLoader', index, y)
}

function checkTensor({ index, y }: RawSample, { shape, dtype }: TargetKind, wanted: DType | undefined): void {
  const fits = isTensor(y) && sameShape(y.shape, shape) && (wanted !== undefined || y.dtype === dtype)
  if (fits) return
  refuse(
    index,
    `${what(y)}, expected ${wanted === undefined ? `${dtype} ` : ''}${formatShape(shape)} as in the other samples`,
  )
}

function what(y: unknown): string {
  if (isTensor(y)) return `a tensor, ${y.dtype} ${formatShape(y.shape)}`
  return isPromise(y) ? 'a promise' : describeValue(y)
}

function refuse(index: number, problem: string): never {
  throw new TypeError(`DataLoader: the target of sample ${index} is ${problem}`)
}

/** Writes targets of one kind one after the other. */
export function writeTargets(samples: readonly RawSample[], { numbers }: TargetKind, y: DataOf<DType>): void {
  samples.forEach((sample, i) => {
    if (numbers) y[i] = sample.y as number
    else writeTensor(sample.y as Tensor<DType>, y, i)
  })
}

function writeTensor({ data }: Tensor<DType>, y: DataOf<DType>, i: number): void {
  const at = i * data.length
  const values = dtypeOf(data) === dtypeOf(y) ? (data as Float32Array) : Float64Array.from(data, Number)
  ;(y as Float32Array).set(values, at)
}
