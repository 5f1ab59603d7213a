import type { Sequential } from '@handgrad/layers'
import type { Optimizer } from '@handgrad/loss-optim'
import { defaultGenerator, Generator } from '@handgrad/tensor'
import type { TrainConfig } from '../config.ts'
import type { DataOrigin } from '../data.ts'
import { keptKeys, lengthOfSchedule, type Pacing } from '../optimizers.ts'
import { ConfigError } from '../resolve-config.ts'
import { type PartSizes, type RunState, RunStateError } from './run-state.ts'

/** The parts of a run that a saved state is put into. */
interface Parts {
  readonly config: TrainConfig
  readonly images: PartSizes
  readonly origin: DataOrigin | undefined
  readonly net: Sequential
  readonly optimizer: Optimizer<{ lr: number }>
  readonly pacing: Pacing | null
  /** The training batches: how many there are in an epoch. */
  readonly training: { readonly length: number }
}

/** What a resumed run may have otherwise than the saved one. */
const free: ReadonlySet<keyof TrainConfig> = new Set(['epochs', 'threads', 'backend', 'turbo'])

/**
 * Puts a saved state into a new run of the same config, and the default generator where it stood.
 * @throws RunStateError where the state is of another run; ConfigError for a number of epochs that its schedule, or what
 * is done already, does not allow. The generator has not moved then.
 */
export function restore(parts: Parts, state: RunState): void {
  checkConfig(parts.config, state)
  checkData(parts.origin, state.data)
  checkImages(parts.images, state.images)
  checkOptimizer(parts, state)
  checkSchedule(parts, state)
  refused(() => new Generator().setState(state.generator))
  refused(() => parts.net.loadStateDict(state.model))
  refused(() => parts.optimizer.loadStateDict(state.optimizer))
  if (state.schedule !== null) parts.pacing?.schedule.loadStateDict(state.schedule)
  defaultGenerator.setState(state.generator)
}

function refused(load: () => unknown): void {
  try {
    load()
  } catch (error) {
    throw new RunStateError((error as Error).message)
  }
}

function checkConfig(config: TrainConfig, { config: saved, history }: RunState): void {
  for (const name of Object.keys(saved) as (keyof TrainConfig)[]) {
    if (!free.has(name) && config[name] !== saved[name])
      throw new RunStateError(`${name} is ${saved[name]}, not ${config[name]}`)
  }
  const { epochs, schedule } = config
  if (epochs < history.length)
    throw new ConfigError('epochs', `epochs is ${epochs}: the run has ${history.length} behind it already`)
  if (lengthOfSchedule(config) !== lengthOfSchedule(saved)) {
    const why = `its ${schedule} schedule was laid out for ${saved.epochs}`
    throw new ConfigError('epochs', `epochs is ${epochs}: the run cannot have another number, ${why}`)
  }
}

/** Where both are known. */
function checkData(origin: DataOrigin | undefined, saved: DataOrigin | undefined): void {
  if (origin === undefined || saved === undefined || origin.digest === saved.digest) return
  const advice = 'go on with its own data, or start a new run'
  throw new RunStateError(`was made with ${named(saved)}, not with ${named(origin)}: ${advice}`)
}

const named = ({ dataset, folder, digest }: DataOrigin): string =>
  `${dataset} ${folder === null ? 'as it comes' : `in ${folder}`} (${digest.slice(0, 19)}…)`

function checkImages(images: PartSizes, saved: PartSizes): void {
  for (const part of ['training', 'validation', 'test'] as const) {
    if (images[part] !== saved[part])
      throw new RunStateError(`was made with ${saved[part]} ${part} images, the data has ${images[part]}`)
  }
}

/** The options follow from the config, all but the rate, which a schedule moves. */
function checkOptimizer({ config, optimizer }: Parts, { optimizer: saved, history }: RunState): void {
  const others = (options: { lr: number }): string => JSON.stringify({ ...options, lr: 0 })
  const { lr } = saved.options ?? {}
  if (!Number.isFinite(lr) || others(saved.options) !== others(optimizer.options))
    throw new RunStateError(
      `the optimizer's options are not those of its config: ${JSON.stringify(saved.options)}`,
    )
  const expected = history.length === 0 ? [] : keptKeys(config)
  saved.state.forEach((kept, i) => {
    const missing = expected.find((key) => !Object.hasOwn(kept, key))
    if (missing !== undefined) throw new RunStateError(`the optimizer keeps no ${missing} for parameter ${i}`)
  })
}

function checkSchedule({ pacing, training }: Parts, { schedule, history }: RunState): void {
  const each = pacing?.every === 'batch' ? training.length : 1
  const expected = pacing === null ? undefined : history.length * each
  if (schedule?.lastEpoch !== expected)
    throw new RunStateError(`its schedule stands at step ${schedule?.lastEpoch}, expected ${expected}`)
}
