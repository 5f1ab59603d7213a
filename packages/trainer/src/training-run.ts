import { type Batch, DataLoader } from '@handgrad/data'
import type { Sequential } from '@handgrad/layers'
import { CrossEntropyLoss, type Optimizer } from '@handgrad/loss-optim'
import {
  checkOptions,
  defaultGenerator,
  describeValue,
  manualSeed,
  type OptionNames,
  type Tensor,
} from '@handgrad/tensor'
import { bestEpoch, clonesOf, isStoppedEarly } from './best.ts'
import type { TrainConfig } from './config.ts'
import { Confusion } from './confusion.ts'
import { augmentation, checkOutputs, type DataOrigin, splitTraining, type TrainData } from './data.ts'
import { epochEvent } from './epoch-event.ts'
import type { DoneEvent, EpochEvent, Phase, ProgressEvent, TrainEvent } from './events.ts'
import { Movement } from './movement.ts'
import { badGradient, badParameter, firstBad, NotFiniteError } from './not-finite.ts'
import { newOptimizer, newPacing, type Pacing } from './optimizers.ts'
import { isOwnModel, makerOf, type NetworkOrigin, type OwnNetwork } from './own-network.ts'
import { imagesLeft, Pace, timesOf } from './pace.ts'
import { type BatchStep, Pass } from './pass.ts'
import { type PlannedStepper, plannedStepper } from './planned/stepper.ts'
import { restore } from './state/restore.ts'
import type { PartSizes, RunState, Within } from './state/run-state.ts'
import type { BatchResult } from './stepper.ts'
import { Tally } from './tally.ts'
import { startTurbo, stopTurbo } from './turbo.ts'
import { firstWarning, type WarningOptions } from './warnings.ts'

/** Images per batch where no gradient is needed: large enough to be fast, small enough for the cache. */
const EVALUATION_BATCH = 256

/** What a run can have besides its config and its data. */
export interface RunOptions extends WarningOptions {
  /** Where the config's `model` is the path of a module: what that makes. */
  network?: OwnNetwork | undefined
}

const optionNames: OptionNames<RunOptions> = { onWarning: null, network: null }

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
  /** What the network comes from, where it is the user's own. */
  readonly networkOrigin: NetworkOrigin | undefined
  /** The epochs that are finished. */
  readonly history: EpochEvent[] = []
  readonly #classes: number
  readonly #warn: (text: string) => void
  #stepper: PlannedStepper | null = null
  readonly #pace: Pace
  #lr: number
  #movement: Movement
  /** The pass that is under way, and what the epoch's training came to, once it validates. */
  #pass: Pass | null = null
  #trained: Tally | null = null
  /** The parameters of the best epoch so far. */
  #best: Record<string, Tensor> | null = null
  /** What the end of the last epoch left, once the test has begun: to be gone on from. */
  #trainedOut: Pick<RunState, 'model' | 'generator'> | null = null
  #failed = false

  /**
   * A new run, or one that goes on from `state`, for its config with perhaps more epochs. `onWarning` hears, once, of
   * threads that are not there: the run goes on without them.
   * @throws RangeError when there are fewer than 2 training images or no test image; RunStateError or ConfigError when
   * the state is of another run; TypeError when the config's model is a module, and `network` is not given.
   */
  constructor(config: TrainConfig, data: TrainData, state?: RunState, options: RunOptions = {}) {
    checkOptions('TrainingRun', optionNames, arguments, 3)
    for (const part of ['train', 'test'] as const)
      if (!Number.isInteger(data?.[part]?.length))
        throw new TypeError(`TrainingRun: data.${part} is ${describeValue(data?.[part])}, expected a dataset`)
    if (data.train.length < 2 || data.test.length < 1) {
      throw new RangeError(`${data.train.length} training and ${data.test.length} test images are too few`)
    }
    this.#warn = firstWarning(options)
    const make = makerOf(config.model, options.network)
    if (!config.turbo) stopTurbo()
    this.noTurbo = config.turbo ? startTurbo(make) : null
    manualSeed(config.seed)
    this.config = { ...config, turbo: config.turbo && this.noTurbo === null }
    this.net = make()
    const [training, validation] = splitTraining(data.train)
    const { batchSize } = config
    const shifts = augmentation(config.shift, data.background)
    this.training = new DataLoader(training, { batchSize, shuffle: true, ...shifts })
    this.validation = new DataLoader(validation, { batchSize: EVALUATION_BATCH })
    this.test = new DataLoader(data.test, { batchSize: EVALUATION_BATCH })
    this.optimizer = newOptimizer(this.net.parameters(), config)
    this.pacing = newPacing(this.optimizer, config, this.training.length)
    this.origin = data.origin
    this.networkOrigin = isOwnModel(config.model) ? options.network?.origin : undefined
    this.#classes = data.classes
    this.#lr = config.lr
    this.#movement = new Movement(this.net)
    if (state !== undefined) this.#resume(state)
    this.#pace = new Pace(imagesLeft(this.images, config.epochs - this.history.length, state?.within))
  }

  #resume(state: RunState): void {
    const { within } = state
    const pass = restore(this, state)
    const { epochs } = this.config
    this.history.push(...state.history.map((event) => ({ ...event, epochs })))
    if (within !== undefined) {
      this.#pass = pass
      this.#trained = within.trained === null ? null : new Tally(within.trained)
      this.#lr = within.lr
      this.#movement = new Movement(this.net, within.stalled)
    }
    if (state.best !== undefined) this.#best = clonesOf(state.best)
    else if (this.history.length > 0 && this.#isBest) this.#best = clonesOf(this.net.stateDict())
  }

  /** Whether the epoch that ended last is the best so far. */
  get #isBest(): boolean {
    return bestEpoch(this.history) === this.history.length
  }

  /** Whether all is trained: after the last epoch, or after so many that were no better. */
  get isTrained(): boolean {
    const { epochs, earlyStop } = this.config
    return this.history.length >= epochs || isStoppedEarly(this.history, earlyStop)
  }

  /** The best epoch so far, its parameters (the run's own) and its number; null before the first has ended. */
  get best(): { readonly epoch: number; readonly model: Readonly<Record<string, Tensor>> } | null {
    return this.#best && { epoch: bestEpoch(this.history), model: this.#best }
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
   * A copy of all that the run is, to go on from in another process; the test is not part of it, and is read again.
   * @throws NotFiniteError when a parameter is not finite; Error when the run has failed.
   */
  state(): RunState {
    if (this.#failed) throw new Error('a run that has failed cannot be saved: what was saved before stays')
    this.#checkParameters('after the last step')
    const standing = this.#pass?.state()
    const before = this.#trainedOut
    return {
      config: { ...this.config },
      images: this.images,
      ...(this.origin && { data: { ...this.origin } }),
      ...(this.networkOrigin && { network: { files: { ...this.networkOrigin.files } } }),
      model: clonesOf(before?.model ?? this.net.stateDict()),
      ...(this.#best && { best: clonesOf(this.#best) }),
      optimizer: this.optimizer.stateDict(),
      schedule: this.pacing?.schedule.stateDict() ?? null,
      generator: standing?.generator ?? before?.generator.slice() ?? defaultGenerator.getState(),
      history: this.history.map((event) => ({ ...event })),
      ...(standing && { within: this.#within(standing) }),
    }
  }

  #within({ sampler, tally }: ReturnType<Pass['state']>): Within {
    const trained = this.#trained?.state() ?? null
    const phase = trained === null ? 'train' : 'validation'
    return { phase, sampler, tally, trained, lr: this.#lr, stalled: this.#movement.stalled }
  }

  /**
   * Trains, epoch after epoch, and reads the test set once at the end. Who iterates sets the pace, and stops the run by
   * leaving the loop: after any event the parameters are those of a whole number of steps.
   * Workers start with the first event, and end with the loop; iterated again, a run goes on with its next batch.
   * @throws NotFiniteError when a loss, a gradient or a parameter is not finite; RangeError when the network has not as many outputs as there are
   * classes.
   */
  async *events(): AsyncGenerator<TrainEvent, void> {
    try {
      while (!this.isTrained) {
        const epoch = yield* this.#epoch(this.history.length + 1)
        this.history.push(epoch)
        if (this.#isBest) this.#best = clonesOf(this.net.stateDict())
        yield epoch
      }
      yield yield* this.#finish()
    } catch (error) {
      this.#failed = true
      throw error
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
    checkOutputs(this.net, x.shape, this.config.model, this.#classes)
    this.#stepper = plannedStepper(this.net, new CrossEntropyLoss(), this.config.threads, {
      onWarning: this.#warn,
    })
    return this.#stepper
  }

  *#epoch(epoch: number): Generator<ProgressEvent, EpochEvent> {
    this.#trained ??= yield* this.#through('train', epoch, this.training)
    const trained = this.#trained
    const validated = yield* this.#through('validation', epoch, this.validation)
    this.#checkParameters(`epoch ${epoch}`)
    if (this.pacing?.every === 'epoch') this.pacing.schedule.step()
    const { stalled } = this.#movement
    this.#trained = null
    this.#movement = new Movement(this.net)
    return epochEvent({ epoch, epochs: this.config.epochs, lr: this.#lr }, trained, validated, stalled)
  }

  *#finish(): Generator<ProgressEvent, DoneEvent> {
    const best = this.config.earlyStop === null ? null : this.best
    this.#trainedOut ??= { model: clonesOf(this.net.stateDict()), generator: defaultGenerator.getState() }
    defaultGenerator.setState(this.#trainedOut.generator)
    if (best !== null) this.net.loadStateDict(best.model)
    const confusion = new Confusion(this.#classes)
    const tested = yield* this.#batches('test', this.history.length, new Pass(this.test), confusion)
    return {
      event: 'done',
      testAccuracy: tested.accuracy,
      testLoss: tested.loss,
      ...timesOf(this.history, tested.seconds),
      confusion,
      ...(best !== null && { bestEpoch: best.epoch }),
    }
  }

  /** A pass of an epoch: a new one, or the one that is under way. */
  *#through(phase: Phase, epoch: number, loader: DataLoader): Generator<ProgressEvent, Tally> {
    this.#pass ??= new Pass(loader)
    const tally = yield* this.#batches(phase, epoch, this.#pass)
    this.#pass = null
    return tally
  }

  *#batches(phase: Phase, epoch: number, pass: Pass, confusion?: Confusion): Generator<ProgressEvent, Tally> {
    const { tally } = pass
    const compute = phase === 'train' ? this.#train : this.#evaluate
    const step: BatchStep = (batch, meanwhile) =>
      compute(`epoch ${epoch}, batch ${tally.batches + 1}`, batch, meanwhile)
    for (const { images, seconds } of pass.run(step, confusion)) {
      this.#pace.add(phase === 'train' ? 'train' : 'evaluate', images, seconds)
      yield {
        event: 'progress',
        phase,
        epoch,
        epochs: this.config.epochs,
        batch: tally.batches,
        batches: pass.length,
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
    this.#checkLoss(result.loss, `training, ${where}`, batch)
    const gradient = badGradient(this.net)
    if (gradient !== null) this.#refuse(`${gradient} is not finite (training, ${where})`)
    this.#movement.beforeStep()
    this.#lr = this.optimizer.options.lr
    this.optimizer.step()
    this.#movement.afterStep()
    if (this.pacing?.every === 'batch') this.pacing.schedule.step()
    return result
  }

  #evaluate = (where: string, batch: Batch, meanwhile: () => void): BatchResult => {
    const result = this.#stepsFor(batch).evaluate(...batch, meanwhile)
    this.#checkLoss(result.loss, `evaluation, ${where}`, batch)
    return result
  }

  #checkLoss(loss: number, where: string, [x]: Batch): void {
    if (Number.isFinite(loss)) return
    const first = firstBad(this.net, x)
    this.#refuse(`the loss became ${loss} (${where}), and the first that is not finite is ${first}`)
  }

  #checkParameters(where: string): void {
    const bad = badParameter(this.net)
    if (bad !== null) this.#refuse(`${bad} is not finite (${where})`)
  }

  #refuse(problem: string): never {
    throw new NotFiniteError(`${problem}: a learning rate below ${this.config.lr} usually helps`)
  }
}
