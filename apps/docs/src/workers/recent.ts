/** What a pass says after each batch: the means over all of its images so far. */
export interface Means {
  readonly loss: number
  readonly accuracy: number
}

interface Batch extends Means {
  readonly images: number
}

/** So many batches are averaged. */
export const RECENT = 20

/** The mean over the last batches, whatever the epoch, from means that begin anew with each epoch. */
export class Recent {
  readonly #batches: Batch[] = []
  #before = { loss: 0, accuracy: 0, images: 0 }

  /** Takes the means after a batch, over `images` images of this epoch; gives those of the last {@link RECENT} batches. */
  add({ loss, accuracy }: Means, images: number): Means {
    const before = images > this.#before.images ? this.#before : { loss: 0, accuracy: 0, images: 0 }
    const own = images - before.images
    const share = (now: number, then: number): number => (now * images - then * before.images) / own
    this.#batches.push({
      loss: share(loss, before.loss),
      accuracy: share(accuracy, before.accuracy),
      images: own,
    })
    if (this.#batches.length > RECENT) this.#batches.shift()
    this.#before = { loss, accuracy, images }
    const all = this.#batches.reduce((sum, batch) => sum + batch.images, 0)
    const mean = (key: 'loss' | 'accuracy'): number =>
      this.#batches.reduce((sum, batch) => sum + batch[key] * batch.images, 0) / all
    return { loss: mean('loss'), accuracy: mean('accuracy') }
  }
}
