import { type DType, describeValue, notATensor, Tensor } from '@handgrad/tensor'
import type { Dataset, Target } from '../datasets/dataset.ts'

/** A copy of a sample: its target is not checked yet. */
export interface RawSample {
  readonly index: number
  readonly x: Tensor<'float32'>
  readonly y: unknown
}

/**
 * The one `get` of a sample.
 * @throws TypeError, naming the sample, for anything but a pair of a float32 tensor and something.
 */
export function readSample(dataset: Dataset<Target>, index: number): RawSample {
  const sample: unknown = dataset.get(index)
  const refuse = (problem: string): never => {
    throw new TypeError(`DataLoader: sample ${index}: ${problem}`)
  }
  if (isPromise(sample)) {
    return refuse(
      'get is async, it returned a promise, expected [x, y]: load the data before, and let get return what is there',
    )
  }
  if (!Array.isArray(sample)) {
    return refuse(`get returned ${describeValue(sample)}, expected [x, y]: a float32 tensor and a target`)
  }
  if (sample.length > 2) return refuse(`get returned ${sample.length} values, expected [x, y]`)
  const [x, y] = sample as [unknown, unknown]
  if (!isTensor(x)) return refuse(notATensor('x', x)!)
  if (x.dtype !== 'float32') return refuse(`x is a tensor of ${x.dtype}, expected float32`)
  return { index, x: copyOf(x as Tensor<'float32'>), y: isTensor(y) ? copyOf(y) : y }
}

// The next get may write into the tensor that this one returned, and return it again.
const copyOf = <D extends DType>({ data, shape }: Tensor<D>): Tensor<D> =>
  new Tensor<D>(data.slice() as Tensor<D>['data'], shape)

/** Also one of another copy of the tensor package. */
export const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'dtype' in value && 'shape' in value && 'data' in value

/** @throws TypeError for a promise: what it will do then comes too late for the batch. */
export function checkDone(what: string, returned: unknown): void {
  if (isPromise(returned))
    throw new TypeError(
      `DataLoader: ${what} is async, it returned a promise: expected that all is done on return`,
    )
}

export const isPromise = (value: unknown): boolean =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
