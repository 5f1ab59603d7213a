import { describeValue } from '@handgrad/tensor'
import { checkIndex, type Dataset, type Gather, type Target } from './dataset.ts'

/** Some samples of a dataset, in an order of their own, as torch's `Subset`: sample i is `dataset`'s `indices[i]`. */
export class Subset<D extends Dataset<Target> = Dataset> implements Dataset<Target> {
  readonly dataset: D
  readonly indices: Int32Array
  /** There where `dataset` has it. */
  gather!: NonNullable<D['gather']>
  #mapped = new Int32Array()

  /** @throws RangeError when an index is not one of `dataset`'s. */
  constructor(dataset: D, indices: ArrayLike<number>) {
    if (!Number.isInteger(indices?.length))
      throw new TypeError(`Subset: indices is ${describeValue(indices)}, expected a list of whole numbers`)
    if (!Number.isInteger(dataset?.length))
      throw new TypeError(`Subset: dataset is ${describeValue(dataset)}, expected a dataset`)
    for (let i = 0; i < indices.length; i++) checkIndex(indices[i], dataset.length, 'Subset')
    this.dataset = dataset
    this.indices = Int32Array.from(indices)
    if (dataset.gather !== undefined) this.gather = this.#gather
  }

  get length(): number {
    return this.indices.length
  }

  get sampleShape(): readonly number[] | undefined {
    return this.dataset.sampleShape
  }

  get(index: number): ReturnType<D['get']> {
    checkIndex(index, this.length, 'Subset')
    return this.dataset.get(this.indices[index]) as ReturnType<D['get']>
  }

  readonly #gather: Gather = (order, from, to, x, y) => {
    const count = to - from
    if (this.#mapped.length < count) this.#mapped = new Int32Array(count)
    // mutant: constant `0` → `(-1)` is equivalent because a typed array has no place −1
    for (let i = 0; i < count; i++) this.#mapped[i] = this.indices[order[from + i]]!
    this.dataset.gather!(this.#mapped, 0, count, x, y)
  }
}
