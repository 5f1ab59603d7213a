import { checkIndex, type Dataset, gather, type Sample } from './dataset.ts'

/** Some samples of a dataset, in an order of their own, as torch's `Subset`: sample i is `dataset`'s `indices[i]`. */
export class Subset<D extends Dataset = Dataset> implements Dataset {
  readonly dataset: D
  readonly indices: Int32Array
  #mapped = new Int32Array(0)

  /** @throws RangeError when an index is not one of `dataset`'s. */
  constructor(dataset: D, indices: ArrayLike<number>) {
    for (let i = 0; i < indices.length; i++) checkIndex(indices[i], dataset.length, 'Subset')
    this.dataset = dataset
    this.indices = Int32Array.from(indices)
  }

  get length(): number {
    return this.indices.length
  }

  get(index: number): Sample {
    checkIndex(index, this.length, 'Subset')
    return this.dataset.get(this.indices[index])
  }

  gather(order: Int32Array, from: number, to: number, x: Float32Array, y: Int32Array): void {
    const count = to - from
    if (this.#mapped.length < count) this.#mapped = new Int32Array(count)
    for (let i = 0; i < count; i++) this.#mapped[i] = this.indices[order[from + i]]!
    gather(this.dataset, this.#mapped, 0, count, x, y)
  }
}
