import type { Tensor } from '@handgrad/tensor'

/** One sample: its values, and the index of its class. */
export type Sample = readonly [x: Tensor<'float32'>, y: number]

/**
 * Numbered samples of one shape: what a DataLoader reads. A user's own data needs `length` and `get`; `gather` makes
 * it fast.
 */
export interface Dataset {
  readonly length: number
  /** Sample `index` of 0 … length−1. */
  get(index: number): Sample
  /**
   * Writes the samples `order[from]` … `order[to − 1]` one after the other: values to `x`, classes to `y`.
   * A loader that finds it calls no `get` for a batch, so nothing is allocated.
   */
  gather?(order: Int32Array, from: number, to: number, x: Float32Array, y: Int32Array): void
}

/** @throws RangeError when `index` is not one of 0 … length−1. */
export function checkIndex(index: number, length: number, what: string): void {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw new RangeError(`${what}: sample ${index} of ${length} does not exist`)
  }
}

/** {@link Dataset.gather} for any dataset: its own, else one `get` per sample. `x` holds `size` values a sample. */
export function gather(
  dataset: Dataset,
  order: Int32Array,
  from: number,
  to: number,
  x: Float32Array,
  y: Int32Array,
): void {
  if (dataset.gather !== undefined) {
    dataset.gather(order, from, to, x, y)
    return
  }
  const size = x.length / (to - from)
  for (let i = from; i < to; i++) {
    const [values, label] = dataset.get(order[i])
    if (values.data.length !== size) {
      throw new RangeError(
        `sample ${order[i]} has ${values.data.length} values, expected ${size} as in sample 0`,
      )
    }
    x.set(values.data, (i - from) * size)
    y[i - from] = label
  }
}
