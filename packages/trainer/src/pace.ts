import type { DoneEvent, EpochEvent } from './events.ts'
import type { PartSizes, Within } from './state/run-state.ts'

/** The two kinds of work of a run: a step costs several times an evaluation. */
export type Work = 'train' | 'evaluate'

/** Guess for an image that is only evaluated, before the first one was: a third of a training image. */
const EVALUATION_SHARE = 1 / 3

/** The images that a run has before it: so many epochs, but for what the one that has begun has behind it, and the test. */
export function imagesLeft(
  { training, validation, test }: PartSizes,
  epochs: number,
  within: Within | undefined,
): Record<Work, number> {
  const { phase, tally, trained } = within ?? {}
  return {
    train: epochs * training - ((trained ?? tally)?.images ?? 0),
    evaluate: epochs * validation - (phase === 'validation' ? tally!.images : 0) + test,
  }
}

/** How long the rest of a run will take, judged from what was done so far. */
export class Pace {
  readonly #left: Record<Work, number>
  readonly #done: Record<Work, { images: number; seconds: number }> = {
    train: { images: 0, seconds: 0 },
    evaluate: { images: 0, seconds: 0 },
  }

  /** `left`: how many images are still to be trained on and evaluated. */
  constructor(left: Readonly<Record<Work, number>>) {
    this.#left = { ...left }
  }

  /** Some images were done in so many seconds. */
  add(work: Work, images: number, seconds: number): void {
    this.#left[work] -= images
    this.#done[work].images += images
    this.#done[work].seconds += seconds
  }

  /** Images per second of all work of one kind so far; 0 when there was none. */
  rate(work: Work): number {
    const { images, seconds } = this.#done[work]
    return images === 0 ? 0 : images / seconds
  }

  /** The seconds that the rest will take. */
  get secondsLeft(): number {
    const step = this.#done.train.images > 0 ? 1 / this.rate('train') : 0
    const evaluation = this.#done.evaluate.images > 0 ? 1 / this.rate('evaluate') : step * EVALUATION_SHARE
    return this.#left.train * step + this.#left.evaluate * evaluation
  }
}

/**
 * What all epochs of a run come to, whoever trained them and when, and a test of so many seconds. Epochs that do not say
 * how fast they were count in neither way.
 */
export function timesOf(
  history: readonly EpochEvent[],
  testSeconds: number,
): Pick<DoneEvent, 'imagesPerSecond' | 'seconds'> {
  // Each epoch trains on the same images.
  const rates = history.map(({ imagesPerSecond }) => imagesPerSecond).filter((rate) => rate > 0)
  const shares = rates.reduce((sum, rate) => sum + 1 / rate, 0)
  return {
    imagesPerSecond: rates.length === 0 ? 0 : rates.length / shares,
    seconds: history.reduce((sum, { seconds }) => sum + seconds, testSeconds),
  }
}
