import type { Batch, DataLoader, Epoch, EpochState } from '@handgrad/data'
import { type DType, defaultGenerator, formatShape, numel, Tensor } from '@handgrad/tensor'

/** Where the batches that were handed out end: the next one is not drawn yet. */
export interface Place {
  readonly sampler: EpochState
  /** The default generator's state. */
  readonly generator: Uint8Array
}

/**
 * The batches of an epoch, in two buffers that take turns: one is filled while the other is computed, and nothing is
 * allocated per batch but the tensors' heads.
 */
export class BatchesAhead {
  readonly #loader: DataLoader
  readonly #epoch: Epoch
  /** Where the dataset does not say what its samples are like, those of the first two batches: none is larger. */
  readonly #buffers: Buffers[] = []
  #filled = 0
  #prepared = false
  #following: Batch | null = null
  /** Where the epoch and the generator stood before the following batch was prepared; null when it is not. */
  #before: { readonly sampler: EpochState; readonly goBack: () => void } | null = null

  /** Those of a new epoch, or those that one that was saved has left. */
  constructor(loader: DataLoader, saved?: EpochState) {
    this.#loader = loader
    this.#epoch = saved === undefined ? loader.start() : loader.resume(saved)
    const { sampleShape } = loader.dataset
    if (sampleShape !== undefined)
      this.#buffers.push(buffersFor(loader, sampleShape), buffersFor(loader, sampleShape))
  }

  /** Fills the other buffer now, so that {@link next} has nothing left to do. */
  prepare(): void {
    if (this.#prepared) return
    this.#before = { sampler: this.#epoch.place(), goBack: defaultGenerator.mark() }
    this.#following = this.#fill()
    this.#prepared = true
  }

  /** The next batch, or null after the last; the one before it is overwritten by the next `prepare()`. */
  next(): Batch | null {
    this.prepare()
    this.#prepared = false
    this.#before = null
    return this.#following
  }

  /** A copy of where the batches that were handed out end, to go on from there. */
  state(): Place {
    const sampler = this.#before?.sampler ?? this.#epoch.place()
    const here = defaultGenerator.mark()
    this.#before?.goBack()
    const generator = defaultGenerator.getState()
    here()
    return { sampler: { ...sampler, order: sampler.order?.slice() ?? null }, generator }
  }

  #fill(): Batch | null {
    if (!this.#epoch.next()) return null
    const buffers = this.#buffers[this.#filled % 2]
    this.#filled += 1
    return buffers === undefined ? this.#take() : this.#refill(buffers)
  }

  // The batch itself tells the shape of a sample: to ask the dataset for one beside it could draw random numbers.
  #take(): Batch {
    const batch = this.#loader.take(this.#epoch)
    const [x, y] = batch
    const dtype = y.dtype as DType
    if (dtype !== 'int32') {
      throw new TypeError(
        `training: the targets are ${dtype} ${formatShape(y.shape)}, expected classes, int32 [N]`,
      )
    }
    this.#buffers.push({ x: x.data, y: y.data, sampleShape: x.shape.slice(1) })
    return batch
  }

  #refill(buffers: Buffers): Batch {
    const { sampleShape } = buffers
    const count = this.#epoch.to - this.#epoch.from
    const x = buffers.x.subarray(0, count * numel(sampleShape))
    const y = buffers.y.subarray(0, count)
    this.#loader.fill(this.#epoch, x, y)
    return [new Tensor<'float32'>(x, [count, ...sampleShape]), new Tensor<'int32'>(y, [count])]
  }
}

interface Buffers {
  readonly x: Float32Array
  readonly y: Int32Array
  readonly sampleShape: readonly number[]
}

function buffersFor({ batchSize, dataset }: DataLoader, sampleShape: readonly number[]): Buffers {
  const count = Math.min(batchSize, dataset.length)
  return { x: new Float32Array(count * numel(sampleShape)), y: new Int32Array(count), sampleShape }
}
