import type { Image } from './network.ts'

const secondsOf = (images: readonly Image[]): number => images.reduce((sum, { seconds }) => sum + seconds, 0)

/** What a pass and the run say of their time, when only reading images takes any. */
export class Clock {
  readonly #left: { train: number; evaluate: number }
  readonly #done = { train: { images: 0, seconds: 0 }, evaluate: { images: 0, seconds: 0 } }
  #pass = { images: 0, seconds: 0 }
  #open = 0

  /** How many images there are to train on and to evaluate. */
  constructor(train: number, evaluate: number) {
    this.#left = { train, evaluate }
  }

  /** A pass reads its first batch before anything else. */
  begin(images: readonly Image[]): void {
    this.#pass = { images: 0, seconds: 0 }
    this.#open = secondsOf(images)
  }

  /** A batch: while it is computed the `next` one is read. */
  batch(train: boolean, images: readonly Image[], next: readonly Image[]): object {
    const kind = train ? 'train' : 'evaluate'
    const seconds = this.#open + secondsOf(next)
    this.#open = 0
    this.#left[kind] -= images.length
    for (const sums of [this.#pass, this.#done[kind]]) {
      sums.images += images.length
      sums.seconds += seconds
    }
    return { imagesPerSecond: this.#pass.images / this.#pass.seconds, secondsLeft: this.#secondsLeft() }
  }

  /** Every image of an epoch was read once; an epoch's rate is that of training. */
  epoch(training: readonly Image[], validation: readonly Image[]): object {
    const seconds = secondsOf(training)
    return { seconds: seconds + secondsOf(validation), imagesPerSecond: training.length / seconds }
  }

  /** All epochs, whoever trained them, and the test: each image was read once in each. */
  whole(
    epochs: number,
    training: readonly Image[],
    validation: readonly Image[],
    test: readonly Image[],
  ): object {
    const seconds = epochs * secondsOf([...training, ...validation]) + secondsOf(test)
    return { seconds, imagesPerSecond: training.length / secondsOf(training) }
  }

  /** An evaluation that was not seen yet takes a third of a step. */
  #secondsLeft(): number {
    const { train, evaluate } = this.#done
    const step = train.images > 0 ? train.seconds / train.images : 0
    const evaluation = evaluate.images > 0 ? evaluate.seconds / evaluate.images : step / 3
    return this.#left.train * step + this.#left.evaluate * evaluation
  }
}
