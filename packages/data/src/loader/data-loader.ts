import { defaultGenerator, Generator, numel, Tensor } from '@handgrad/tensor'
import { type Dataset, gather } from '../datasets/dataset.ts'
import type { BatchTransform } from '../transforms/transform.ts'
import { checkEpochState, Epoch, type EpochState } from './epoch.ts'
import { drawSeed, randomSampler, type Sampler, sequentialSampler } from './sampler.ts'

/** Samples x [N,…] and their classes y [N]. */
export type Batch = [x: Tensor<'float32'>, y: Tensor<'int32'>]

export interface DataLoaderOptions {
  /** Samples in a batch; the last one may be smaller. */
  batchSize?: number
  /** A new random order every epoch. */
  shuffle?: boolean
  /** Leaves out a last batch that is smaller. */
  dropLast?: boolean
  /** Draws from this generator instead of the default one. */
  generator?: Generator
  /** Changes each batch in place. */
  transform?: BatchTransform
}

/**
 * Cuts a dataset into batches: `for (const [x, y] of loader)`, every time from the start.
 *
 * Its random draws are those of torch's `DataLoader` without workers, at the same moments: a base seed that is not
 * used when an iterator is made (also without `shuffle`), the order when its first batch is asked for.
 */
export class DataLoader {
  readonly dataset: Dataset
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  readonly generator: Generator | undefined
  readonly transform: BatchTransform | undefined
  #indices: Int32Array = new Int32Array(0)
  #sampleShape: readonly number[] | null = null

  /** @throws RangeError when `batchSize` is not a whole number above 0, or an empty dataset is to be shuffled. */
  constructor(
    dataset: Dataset,
    { batchSize = 1, shuffle = false, dropLast = false, generator, transform }: DataLoaderOptions = {},
  ) {
    checkArguments(dataset, batchSize, shuffle, generator)
    this.dataset = dataset
    this.batchSize = batchSize
    this.shuffle = shuffle
    this.dropLast = dropLast
    this.generator = generator
    this.transform = transform
  }

  /** The number of batches of an epoch. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches)
  }

  /**
   * The samples of the current batch, as numbers of this loader's `dataset`: where that is a `Subset`,
   * `subset.indices[i]` is the number in the dataset below it.
   */
  get indices(): Int32Array {
    return this.#indices
  }

  /** The shape of one sample's x, read from sample 0. */
  get sampleShape(): readonly number[] {
    this.#sampleShape ??= this.dataset.get(0)[0].shape
    return this.#sampleShape
  }

  /** Begins an epoch, with the draw that an iterator makes; for who brings the buffers: see {@link fill}. */
  start(): Epoch {
    drawSeed(this.generator ?? defaultGenerator)
    return new Epoch(this.#plan(), this.#sampler())
  }

  /**
   * Goes on with an epoch from `epoch.state()`, without a draw.
   * @throws RangeError when the state is not one of this dataset.
   */
  resume(state: EpochState): Epoch {
    checkEpochState(state, this.dataset.length)
    return new Epoch(this.#plan(), this.#sampler(), state)
  }

  /**
   * Writes the current batch of `epoch` to buffers of exactly its size: x [N,…], y [N].
   * Nothing is allocated when the dataset has `gather`.
   */
  fill(epoch: Epoch, x: Float32Array, y: Int32Array): void {
    const { order, from, to } = epoch
    const size = (to - from) * numel(this.sampleShape)
    if (x.length !== size || y.length !== to - from) {
      const came = `buffers of ${x.length} and ${y.length} elements`
      throw new RangeError(`DataLoader.fill: ${came}, a batch of ${to - from} needs ${size} and ${to - from}`)
    }
    gather(this.dataset, order, from, to, x, y)
    this.transform?.(x, this.sampleShape)
  }

  /** The batches that `epoch` has left, each in fresh tensors. */
  *batches(epoch: Epoch): IterableIterator<Batch> {
    while (epoch.next()) {
      const count = epoch.to - epoch.from
      const x = new Float32Array(count * numel(this.sampleShape))
      const y = new Int32Array(count)
      this.fill(epoch, x, y)
      this.#indices = epoch.order.slice(epoch.from, epoch.to)
      yield [new Tensor<'float32'>(x, [count, ...this.sampleShape]), new Tensor<'int32'>(y, [count])]
    }
  }

  // Not a generator function: its body would run at the first batch, and torch draws when the iterator is made.
  [Symbol.iterator](): IterableIterator<Batch> {
    return this.batches(this.start())
  }

  #plan() {
    return { count: this.dataset.length, batchSize: this.batchSize, dropLast: this.dropLast }
  }

  #sampler(): Sampler {
    const count = this.dataset.length
    return this.shuffle ? randomSampler(count, this.generator) : sequentialSampler(count)
  }
}

function checkArguments(dataset: Dataset, batchSize: number, shuffle: boolean, generator: unknown): void {
  if (!Number.isSafeInteger(dataset?.length) || typeof dataset.get !== 'function') {
    throw new TypeError('DataLoader: the dataset has no length and get(index)')
  }
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`DataLoader: batchSize is ${batchSize}, expected a whole number above 0`)
  }
  if (shuffle && dataset.length === 0) throw new RangeError('DataLoader: an empty dataset cannot be shuffled')
  if (generator !== undefined && !(generator instanceof Generator)) {
    throw new TypeError('DataLoader: generator is not a Generator')
  }
}
