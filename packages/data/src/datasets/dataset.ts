import type { DType, Tensor } from '@handgrad/tensor'

/** What is to be learnt from a sample: the index of its class or another number, or a tensor. */
export type Target = number | Tensor<DType>

/** One sample: its values, and its target. */
export type Sample<Y extends Target = number> = readonly [x: Tensor<'float32'>, y: Y]

/**
 * Numbered samples of one shape: what a DataLoader reads. A user's own data needs `length` and `get`; `gather` makes
 * it fast.
 */
export interface Dataset<Y extends Target = number> {
  readonly length: number
  /** The shape of every sample's x, where the dataset can say it before one is read. */
  readonly sampleShape?: readonly number[] | undefined
  /** Sample `index` of 0 … length−1. A loader calls it once for each sample that it hands out. */
  get(index: number): Sample<Y>
  /**
   * Writes the samples `order[from]` … `order[to − 1]` one after the other: values to `x`, targets to `y`, which is
   * int32 unless the loader's `targetDtype` says float32.
   * A loader that finds it calls no `get` for a batch, so nothing is allocated; only where there is no `sampleShape`,
   * the first sample of all comes by `get`, and tells the shape.
   */
  gather?(order: Int32Array, from: number, to: number, x: Float32Array, y: Int32Array | Float32Array): void
}

/** {@link Dataset.gather}. */
export type Gather = NonNullable<Dataset['gather']>

/** @throws RangeError when `index` is not one of 0 … length−1. */
export function checkIndex(index: number, length: number, what: string): void {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw new RangeError(`${what}: sample ${index} of ${length} does not exist`)
  }
}

/** @throws RangeError for a whole number that would be cut where targets are int32. */
export function checkInt32(owner: string, index: number, value: number): void {
  if ((value | 0) === value) return
  const range = 'which int32 cannot hold (−2147483648 to 2147483647)'
  throw new RangeError(`${owner}: the target of sample ${index} is ${value}, ${range}; ${ADVICE}`)
}

/** What a user can do whose targets are not classes. */
export const ADVICE = "for float32 targets say new DataLoader(ds, { targetDtype: 'float32' })"
