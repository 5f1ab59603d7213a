import {
  allocate,
  checkOptions,
  type DataOf,
  type DType,
  defaultGenerator,
  describeValue,
  type Generator,
  numel,
  type OptionNames,
  Tensor,
} from '@handgrad/tensor'
import type { Dataset, Target } from '../datasets/dataset.ts'
import type { BatchTransform } from '../transforms/transform.ts'
import { checkArguments, checkBatch, checkBuffers } from './checks.ts'
import { checkEpochState, Epoch, type EpochState } from './epoch.ts'
import { type BatchContent, type Known, readBatch, type SampleShape } from './read-batch.ts'
import { checkDone, readSample } from './read-sample.ts'
import { drawSeed, randomSampler, type Sampler, sequentialSampler } from './sampler.ts'
import { numbersOf, type TargetKind } from './targets.ts'

/** Samples x [N,…] and their targets: y [N] where they are numbers, [N,…] where they are tensors. */
export type Batch<Y extends DType = 'int32'> = [x: Tensor<'float32'>, y: Tensor<Y>]

export interface DataLoaderOptions<Y extends DType = 'int32'> {
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
  /** `'float32'` makes all targets so, from the first batch on; else whole numbers are int32. */
  targetDtype?: Y
}

const optionNames: OptionNames<DataLoaderOptions> = {
  batchSize: null,
  shuffle: null,
  dropLast: null,
  generator: null,
  transform: null,
  targetDtype: null,
}

/**
 * Cuts a dataset into batches: `for (const [x, y] of loader)`, every time from the start.
 *
 * Targets that are whole numbers become int32 [N]. A fraction makes its batch float32, and all that follow; after a batch
 * of int32 it is refused. Tensors of one shape and dtype are stacked.
 *
 * Its random draws are those of torch's `DataLoader` without workers, at the same moments: a base seed that is not
 * used when an iterator is made (also without `shuffle`), the order when its first batch is asked for. Each sample of a
 * batch is asked for once, in their order.
 */
export class DataLoader<Y extends DType = 'int32'> {
  readonly dataset: Dataset<Target>
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  readonly generator: Generator | undefined
  readonly transform: BatchTransform | undefined
  readonly targetDtype: 'float32' | undefined
  #indices: Int32Array = new Int32Array(0)
  #shape: SampleShape | null
  #targets: TargetKind | null = null

  /**
   * @throws RangeError when `batchSize` is not a whole number above 0, or an empty dataset is to be shuffled; TypeError
   * for an option that does not exist.
   */
  constructor(dataset: Dataset | Dataset<Tensor<Y>>, options: DataLoaderOptions<Y> = {}) {
    checkOptions('DataLoader', optionNames, arguments, 1)
    checkArguments(dataset, options)
    this.dataset = dataset
    const { batchSize = 1, shuffle = false, dropLast = false, generator, transform, targetDtype } = options
    this.batchSize = batchSize
    this.shuffle = shuffle
    this.dropLast = dropLast
    this.generator = generator
    this.transform = transform
    this.targetDtype = targetDtype as 'float32' | undefined
    const extents = dataset.sampleShape
    this.#shape = extents === undefined ? null : { extents, source: "the dataset's sampleShape" }
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

  /** The shape of one sample's x. Before the first batch, a dataset that has no `sampleShape` is asked for sample 0. */
  get sampleShape(): readonly number[] {
    this.#shape ??= { extents: readSample(this.dataset, 0).x.shape, source: 'as sample 0' }
    return this.#shape.extents
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
    if (state.targetDtype != null) this.#targets = numbersOf(this.targetDtype ?? state.targetDtype)
    return new Epoch(this.#plan(), this.#sampler(), state)
  }

  /**
   * Writes the current batch of `epoch` to buffers of exactly its size and types: x [N,…], y as {@link take} gives it.
   * Nothing of its size is allocated when the dataset has `gather`.
   */
  fill(epoch: Epoch, x: Float32Array, y: DataOf<Y>): void {
    checkBatch(epoch)
    // Before a sample is asked for, where the shape is known.
    if (this.#shape !== null) checkBuffers(epoch, x, y, this.#shape, this.#targets)
    const content = readBatch(this.dataset, epoch, this.#known)
    checkBuffers(epoch, x, y, content.shape, content.targets)
    this.#write(epoch, content, x, y)
  }

  /** The current batch of `epoch` in fresh tensors. */
  take(epoch: Epoch): Batch<Y> {
    checkBatch(epoch)
    const content = readBatch(this.dataset, epoch, this.#known)
    const count = epoch.to - epoch.from
    const { dtype, shape } = content.targets
    const x = new Float32Array(count * numel(content.shape.extents))
    const y = allocate(dtype, count * numel(shape)) as DataOf<Y>
    this.#write(epoch, content, x, y)
    return [new Tensor<'float32'>(x, [count, ...content.shape.extents]), new Tensor<Y>(y, [count, ...shape])]
  }

  /** The batches that `epoch` has left, each in fresh tensors. */
  *batches(epoch: Epoch): IterableIterator<Batch<Y>> {
    while (epoch.next()) {
      const batch = this.take(epoch)
      this.#indices = epoch.order.slice(epoch.from, epoch.to)
      yield batch
    }
  }

  // Not a generator function: its body would run at the first batch, and torch draws when the iterator is made.
  [Symbol.iterator](): IterableIterator<Batch<Y>> {
    return this.batches(this.start())
  }

  get #known(): Known {
    return { shape: this.#shape, targets: this.#targets, targetDtype: this.targetDtype }
  }

  #write(epoch: Epoch, content: BatchContent, x: Float32Array, y: DataOf<DType>): void {
    content.write(x, y)
    this.#shape = content.shape
    this.#targets = content.targets
    if (content.targets.numbers) epoch.targetDtype = content.targets.dtype as 'int32' | 'float32'
    const returned: unknown = this.transform?.(x, content.shape.extents)
    checkDone('transform', returned)
    if (typeof returned === 'object' && returned !== null && returned !== x)
      throw new TypeError(
        `DataLoader: transform returned ${describeValue(returned)}, which would be lost: write into x, the batch's values`,
      )
  }

  #plan() {
    return { count: this.dataset.length, batchSize: this.batchSize, dropLast: this.dropLast }
  }

  #sampler(): Sampler {
    const count = this.dataset.length
    return this.shuffle ? randomSampler(count, this.generator) : sequentialSampler(count)
  }
}
