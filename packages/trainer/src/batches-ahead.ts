import type { Batch, DataLoader, Epoch } from '@handgrad/data'
import { numel, Tensor } from '@handgrad/tensor'

/**
 * The batches of an epoch, in two buffers that take turns: one is filled while the other is computed, and nothing is
 * allocated per batch but the tensors' heads.
 */
export class BatchesAhead {
  readonly #loader: DataLoader
  readonly #epoch: Epoch
  #now: Buffers
  #then: Buffers
  #prepared = false
  #following: Batch | null = null

  constructor(loader: DataLoader) {
    this.#loader = loader
    this.#epoch = loader.start()
    this.#now = buffersFor(loader)
    this.#then = buffersFor(loader)
  }

  /** Fills the other buffer now, so that {@link next} has nothing left to do. */
  prepare(): void {
    if (this.#prepared) return
    this.#following = this.#fill()
    this.#prepared = true
  }

  /** The next batch, or null after the last; the one before it is overwritten by the next `prepare()`. */
  next(): Batch | null {
    this.prepare()
    this.#prepared = false
    return this.#following
  }

  #fill(): Batch | null {
    if (!this.#epoch.next()) return null
    const { sampleShape } = this.#loader
    const count = this.#epoch.to - this.#epoch.from
    const x = this.#then.x.subarray(0, count * numel(sampleShape))
    const y = this.#then.y.subarray(0, count)
    this.#loader.fill(this.#epoch, x, y)
    ;[this.#now, this.#then] = [this.#then, this.#now]
    return [new Tensor<'float32'>(x, [count, ...sampleShape]), new Tensor<'int32'>(y, [count])]
  }
}

interface Buffers {
  readonly x: Float32Array
  readonly y: Int32Array
}

function buffersFor({ batchSize, dataset, sampleShape }: DataLoader): Buffers {
  const count = Math.min(batchSize, dataset.length)
  return { x: new Float32Array(count * numel(sampleShape)), y: new Int32Array(count) }
}
