import { type Batch, DataLoader } from '@handgrad/data'
import type { Sequential } from '@handgrad/layers'
import { CrossEntropyLoss, type Optimizer } from '@handgrad/loss-optim'
import { defaultGenerator, manualSeed } from '@handgrad/tensor'
import type { TrainConfig } from './config.ts'
import { Confusion } from './confusion.ts'
import { augmentation, type DataOrigin, splitTraining, type TrainData } from './data.ts'
import type { DoneEvent, EpochEvent, Phase, ProgressEvent, TrainEvent } from './events.ts'
import { models } from './models.ts'
import { newOptimizer, newPacing, type Pacing } from './optimizers.ts'
import { Pace, timesOf } from './pace.ts'
import { type BatchStep, pass } from './pass.ts'
import { type PlannedStepper, plannedStepper } from './planned/stepper.ts'
import { restore } from './state/restore.ts'
import type { PartSizes, RunState } from './state/run-state.ts'
import type { BatchResult } from './stepper.ts'
import { Tally } from './tally.ts'
import { startTurbo, stopTurbo } from './turbo.ts'
import { firstWarning, type WarningOptions } from './warnings.ts'

/** Images per batch where no gradient is needed: large enough to be fast, small enough for the cache. */
const EVALUATION_BATCH = 256

/**
 * A training run: what it is made of, and {@link events}, which trains.
 *
 * Random draws come from the default generator, in PyTorch's order: the seed, the model, the split, then per epoch
 * the training loader and the validation loader.
 */
export class TrainingRun {
  /** As it came, but for `turbo`: that says what is done. */
  readonly config: TrainConfig
  /** Why there is no turbo though `config` asked for it; null otherwise. */
  readonly noTurbo: string | null
  readonly net: Sequential
  readonly optimizer: Optimizer<{ lr: number }>
  readonly pacing: Pacing | null
  readonly training: DataLoader
  readonly validation: DataLoader
  readonly test: DataLoader
  /** Where the data comes from, if that is known. */
  readonly origin: DataOrigin | undefined
  /** The epochs that are finished. */
  readonly history: EpochEvent[] = []
  readonly #classes: number
  readonly #warn: (text: string) => void
  #stepper: PlannedStepper | null = null
  readonly #pace: Pace
  #lr: number
  #betweenEpochs = true

  /**
   * A new run, or one that goes on from `state`, for its config with perhaps more epochs. `onWarning` hears, once, of
   * threads that are not there: the run goes on without them.
   * @throws RangeError when there are fewer than 2 training images or no test image; RunStateError or ConfigError when
   * the state is of another run.
   */
  constructor(config: TrainConfig, data: TrainData, state?: RunState, options: WarningOptions = {}) {
    if (data.train.length < 2 || data.test.length < 1) {
      throw new RangeError(`${data.train.length} training and ${data.test.length} test images are too few`)
    }
    this.#warn = firstWarning(options)
    if (!config.turbo) stopTurbo()
    this.noTurbo = config.turbo ? startTurbo(models[config.model]) : null
    manualSeed(config.seed)
    this.config = { ...config, turbo: config.turbo && this.noTurbo === null }
    this.net = models[config.model]()
    const [training, validation] = splitTraining(data.train)
    const { batchSize } = config
    const shifts = augmentation(config.shift, data.background)
    this.training = new DataLoader(training, { batchSize, shuffle: true, ...shifts })
    this.validation = new DataLoader(validation, { batchSize: EVALUATION_BATCH })
    this.test = new DataLoader(data.test, { batchSize: EVALUATION_BATCH })
    this.optimizer = newOptimizer(this.net.parameters(), config)
    this.pacing = newPacing(this.optimizer, config, this.training.length)
    this.origin = data.origin
    if (state !== undefined) this.#resume(state)
    this.#classes = data.classes
    this.#pace = new Pace({
      train: (config.epochs - this.history.length) * training.length,
      evaluate: (config.epochs - this.history.length) * validation.length + data.test.length,
    })
    this.#lr = config.lr
  }

  #resume(state: RunState): void {
    restore(this, state)
    const { epochs } = this.config
    this.history.push(...state.history.map((event) => ({ ...event, epochs })))
  }

  /** How many images the three parts of the data have. */
  get images(): PartSizes {
    const { training, validation, test } = this
    return {
      training: training.dataset.length,
      validation: validation.dataset.length,
      test: test.dataset.length,
    }
  }

  /**
   * A copy of all that the run is, to go on from in another process.
   * @throws Error within an epoch: before the first event, or at one that says `epoch`, a run is between two.
   */
  state(): RunState {
    if (!this.#betweenEpochs) throw new Error('a run can be saved between two epochs, not within one')
    const parameters = Object.entries(this.net.stateDict())
    return {
      config: { ...this.config },
      images: this.images,
      ...(this.origin && { data: { ...this.origin } }),
      model: Object.fromEntries(parameters.map(([name, value]) => [name, value.clone()])),
      optimizer: this.optimizer.stateDict(),
      schedule: this.pacing?.schedule.stateDict() ?? null,
      generator: defaultGenerator.getState(),
      history: this.history.map((event) => ({ ...event })),
    }
  }

  /**
   * Trains, epoch after epoch, and reads the test set once at the end. Who iterates sets the pace, and stops the run by
   * leaving the loop: after any event the parameters are those of a whole number of steps.
   * Workers start with the first event that is asked for, and end with the loop.
   * @throws Error when a loss is not a finite number; RangeError when the network has not as many outputs as there are
   * classes.
   */
  async *events(): AsyncGenerator<TrainEvent, void> {
    try {
      while (this.history.length < this.config.epochs) {
        const epoch = yield* this.#epoch(this.history.length + 1)
        this.history.push(epoch)
        this.#betweenEpochs = true
        yield epoch
      }
      yield yield* this.#finish()
    } finally {
      this.close()
    }
  }

  /** Ends the workers of a run that nobody iterates any more; {@link events} goes on with new ones. */
  close(): void {
    this.#stepper?.close()
    this.#stepper = null
    this.net.close()
  }

  /** Made when it is first needed: a run that is not iterated has no workers and no kernel memory. */
  #stepsFor([x]: Batch): PlannedStepper {
    if (this.#stepper !== null) return this.#stepper
    this.#checkOutputs(x.shape)
    this.#stepper = plannedStepper(this.net, new CrossEntropyLoss(), this.config.threads, {
      onWarning: this.#warn,
    })
    return this.#stepper
  }

  *#epoch(epoch: number): Generator<ProgressEvent, EpochEvent> {
    this.#betweenEpochs = false
    const trained = yield* this.#pass('train', epoch, this.training)
    const validated = yield* this.#pass('validation', epoch, this.validation)
    if (this.pacing?.every === 'epoch') this.pacing.schedule.step()
    return {
      event: 'epoch',
      epoch,
      epochs: this.config.epochs,
      lr: this.#lr,
      trainLoss: trained.loss,
      trainAccuracy: trained.accuracy,
      validationLoss: validated.loss,
      validationAccuracy: validated.accuracy,
      seconds: trained.seconds + validated.seconds,
      imagesPerSecond: trained.imagesPerSecond,
    }
  }

  *#finish(): Generator<ProgressEvent, DoneEvent> {
    this.#betweenEpochs = false
    const confusion = new Confusion(this.#classes)
    const tested = yield* this.#pass('test', this.config.epochs, this.test, confusion)
    return {
      event: 'done',
      testAccuracy: tested.accuracy,
      testLoss: tested.loss,
      ...timesOf(this.history, tested.seconds),
      confusion,
    }
  }

  *#pass(
    phase: Phase,
    epoch: number,
    loader: DataLoader,
    confusion?: Confusion,
  ): Generator<ProgressEvent, Tally> {
    const tally = new Tally()
    const compute = phase === 'train' ? this.#train : this.#evaluate
    const step: BatchStep = (batch, meanwhile) =>
      compute(`epoch ${epoch}, batch ${tally.batches + 1}`, batch, meanwhile)
    for (const { images, seconds } of pass(loader, step, tally, confusion)) {
      this.#pace.add(phase === 'train' ? 'train' : 'evaluate', images, seconds)
      yield {
        event: 'progress',
        phase,
        epoch,
        epochs: this.config.epochs,
        batch: tally.batches,
        batches: loader.length,
        loss: tally.loss,
        accuracy: tally.accuracy,
        imagesPerSecond: tally.imagesPerSecond,
        secondsLeft: this.#pace.secondsLeft,
      }
    }
    return tally
  }

  #train = (where: string, batch: Batch, meanwhile: () => void): BatchResult => {
    const result = this.#stepsFor(batch).train(...batch, meanwhile)
    this.#checkLoss(result.loss, `training, ${where}`)
    this.#lr = this.optimizer.options.lr
    this.optimizer.step()
    if (this.pacing?.every === 'batch') this.pacing.schedule.step()
    return result
  }

  #evaluate = (where: string, batch: Batch, meanwhile: () => void): BatchResult => {
    const result = this.#stepsFor(batch).evaluate(...batch, meanwhile)
    this.#checkLoss(result.loss, `evaluation, ${where}`)
    return result
  }

  /** More outputs than classes would be counted as other classes. */
  #checkOutputs(shape: readonly number[]): void {
    const outputs = this.net.outputShape(shape).at(-1)
    if (outputs !== this.#classes) {
      throw new RangeError(
        `model ${this.config.model} has ${outputs} outputs, the data ${this.#classes} classes: expected as many`,
      )
    }
  }

  #checkLoss(loss: number, where: string): void {
    if (Number.isFinite(loss)) return
    throw new Error(
      `the loss became ${loss} (${where}): a learning rate below ${this.config.lr} usually helps`,
    )
  }
}
