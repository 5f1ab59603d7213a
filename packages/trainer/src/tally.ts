/** The sums of a pass over some batches, as they are saved. */
export interface TallyState {
  readonly batches: number
  readonly images: number
  readonly seconds: number
  /** The sum over all images. */
  readonly loss: number
  /** Right answers. */
  readonly correct: number
}

/** What a pass over some batches came to so far. */
export class Tally {
  batches = 0
  images = 0
  /** The time that the batches took; what the caller did between them is not in it. */
  seconds = 0
  #loss = 0
  #correct = 0

  /** The one that was saved, or a new one. */
  constructor(saved?: TallyState) {
    if (saved === undefined) return
    this.batches = saved.batches
    this.images = saved.images
    this.seconds = saved.seconds
    this.#loss = saved.loss
    this.#correct = saved.correct
  }

  /** Adds a batch: its mean loss, its number of right answers and of images, and its time. */
  add(loss: number, correct: number, images: number, seconds: number): void {
    this.batches += 1
    this.images += images
    this.seconds += seconds
    this.#loss += loss * images
    this.#correct += correct
  }

  /** Mean loss of an image. */
  get loss(): number {
    return this.#loss / this.images
  }

  /** Share of right answers, 0 to 1. */
  get accuracy(): number {
    return this.#correct / this.images
  }

  get imagesPerSecond(): number {
    return this.images / this.seconds
  }

  /** A copy of the sums. */
  state(): TallyState {
    const { batches, images, seconds } = this
    return { batches, images, seconds, loss: this.#loss, correct: this.#correct }
  }
}
