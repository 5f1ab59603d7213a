import { Clock } from './clock.ts'
import { Draws, H, W } from './draws.ts'
import { computeBatch, type Image, type Linear } from './network.ts'
import { adam, rateOf, sgd, type Trained } from './rules.ts'

/** What decides how a run goes. */
export interface Recipe {
  readonly seed: number
  readonly epochs: number
  readonly batchSize: number
  readonly optimizer: 'sgd' | 'adam'
  readonly lr: number
  readonly momentum: number
  readonly schedule: 'constant' | 'step' | 'one-cycle'
  readonly shift: number
  /** The probability of a layer before the linear one; no field of a config. */
  readonly dropout: number
}

/** What a run learns from. */
export interface Data {
  readonly train: readonly Image[]
  readonly test: readonly Image[]
  readonly classes: number
  readonly background: number
}

/** The sums of a pass over a part of the data. */
interface Sums {
  images: number
  loss: number
  right: number
}

/** Images per batch of validation and test. */
const EVALUATION = 256

/** What an event says of a pass so far: means over its images. */
const meansOf = ({ images, loss, right }: Sums) => ({ loss: loss / images, accuracy: right / images })

function cut<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

/** A run worked out by hand: {@link events} and then all that it leaves. */
export class ByHand {
  readonly events: object[] = []
  readonly history: object[] = []
  readonly draws: Draws
  readonly weight: Trained[][]
  readonly bias: Trained[]
  readonly training: Image[]
  readonly validation: Image[]
  readonly counts: number[]
  steps = 0
  readonly #recipe: Recipe
  readonly #data: Data
  #clock: Clock

  /** Of the whole run; or of one that was saved after epoch `from` and went on, or that stands after epoch `upTo`. */
  constructor(recipe: Recipe, data: Data, { from = 0, upTo }: { from?: number; upTo?: number } = {}) {
    this.#recipe = recipe
    this.#data = data
    this.draws = new Draws(recipe.seed)
    const { weight, bias } = this.draws.linear(H * W, data.classes)
    this.weight = weight.map((row) => row.map((value) => ({ value })))
    this.bias = bias.map((value) => ({ value }))
    ;[this.training, this.validation] = this.draws.split(data.train)
    this.counts = Array.from({ length: data.classes ** 2 }, () => 0)
    this.#clock = this.#start(recipe.epochs)
    for (let epoch = 1; epoch <= (upTo ?? recipe.epochs); epoch++) {
      this.#epoch(epoch)
      if (epoch === from) this.#clock = this.#start(recipe.epochs - epoch)
    }
    if (upTo === undefined) this.#finish()
  }

  #start(epochs: number): Clock {
    this.events.length = 0
    return new Clock(epochs * this.training.length, epochs * this.validation.length + this.#data.test.length)
  }

  /** The network in its present state. */
  get net(): Linear {
    return {
      weight: this.weight.map((row) => row.map(({ value }) => value)),
      bias: this.bias.map(({ value }) => value),
    }
  }

  /** What a state dict holds, each tensor as its numbers in one row. */
  get model(): Record<string, number[]> {
    const layer = this.#recipe.dropout > 0 ? 2 : 1
    return { [`${layer}.weight`]: this.net.weight.flat(), [`${layer}.bias`]: this.net.bias }
  }

  /** What the optimizer keeps of its steps, for weight and bias. */
  get kept(): Record<string, number[]>[] {
    const { optimizer, momentum } = this.#recipe
    return [this.weight.flat(), this.bias].map((parameter): Record<string, number[]> => {
      const all = (key: 'v' | 'm' | 's'): number[] => parameter.map((p) => p[key]!)
      if (this.steps === 0 || (optimizer === 'sgd' && momentum === 0)) return {}
      if (optimizer === 'sgd') return { momentum_buffer: all('v') }
      return { step: [this.steps], exp_avg: all('m'), exp_avg_sq: all('s') }
    })
  }

  /** The optimizer's options as they stand. */
  get options(): object {
    const { optimizer, momentum } = this.#recipe
    const lr = this.rateAt(this.steps)
    const rest = { weightDecay: 0, maximize: false }
    if (optimizer === 'adam') return { lr, betas: [0.9, 0.999], eps: 1e-8, amsgrad: false, ...rest }
    return { lr, momentum, dampening: 0, nesterov: false, ...rest }
  }

  /** The rate that stands after so many steps. */
  rateAt(steps: number): number {
    return rateOf(this.#recipe, steps, Math.ceil(this.training.length / this.#recipe.batchSize))
  }

  #epoch(epoch: number): void {
    const { batchSize, shift, dropout, epochs } = this.#recipe
    this.draws.begin()
    const batches = cut(this.draws.shuffle(this.training), batchSize)
    const lr = (): number => this.rateAt(this.steps)
    let last = lr()
    const trained = this.#pass('train', epoch, batches, (images) => {
      const moved = this.draws.shift(images, shift, this.#data.background)
      const result = computeBatch(this.net, this.draws.drop(moved, dropout))
      last = lr()
      this.#step(result.gradient, last)
      return result
    })
    this.draws.begin()
    const validated = this.#pass('validation', epoch, cut(this.validation, EVALUATION))
    const [means, held] = [meansOf(trained), meansOf(validated)]
    this.history.push({
      event: 'epoch',
      epoch,
      epochs,
      lr: last,
      trainLoss: means.loss,
      trainAccuracy: means.accuracy,
      validationLoss: held.loss,
      validationAccuracy: held.accuracy,
      ...this.#clock.epoch(this.training, this.validation),
    })
    this.events.push(this.history.at(-1)!)
  }

  #finish(): void {
    this.draws.begin()
    const { classes, test } = this.#data
    const tested = this.#pass(
      'test',
      this.#recipe.epochs,
      cut(test, EVALUATION),
      undefined,
      (label, predicted) => {
        this.counts[label * classes + predicted] += 1
      },
    )
    const { loss, accuracy } = meansOf(tested)
    const confusion = { classes, counts: Int32Array.from(this.counts) }
    const times = this.#clock.whole(this.#recipe.epochs, this.training, this.validation, test)
    this.events.push({ event: 'done', testLoss: loss, testAccuracy: accuracy, ...times, confusion })
  }

  #pass(
    phase: string,
    epoch: number,
    batches: (readonly Image[])[],
    compute = (images: readonly Image[]) => computeBatch(this.net, images),
    count = (_label: number, _predicted: number): void => {},
  ): Sums {
    const sums = { images: 0, loss: 0, right: 0 }
    this.#clock.begin(batches[0])
    for (const [i, images] of batches.entries()) {
      const { loss, predicted } = compute(images)
      sums.images += images.length
      sums.loss += loss
      sums.right += predicted.filter((k, n) => k === images[n].label).length
      for (const [n, { label }] of images.entries()) count(label, predicted[n])
      const times = this.#clock.batch(phase === 'train', images, batches[i + 1] ?? [])
      const position = { phase, epoch, epochs: this.#recipe.epochs, batch: i + 1, batches: batches.length }
      this.events.push({ event: 'progress', ...position, ...meansOf(sums), ...times })
    }
    return sums
  }

  #step({ weight, bias }: Linear, lr: number): void {
    const { optimizer, momentum } = this.#recipe
    this.steps++
    const move = (p: Trained, g: number): void =>
      optimizer === 'adam' ? adam(p, g, lr, this.steps) : sgd(p, g, lr, momentum)
    for (const [k, row] of this.weight.entries()) for (const [f, p] of row.entries()) move(p, weight[k][f])
    for (const [k, p] of this.bias.entries()) move(p, bias[k])
  }
}
