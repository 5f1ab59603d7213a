import type { DataLoader } from '@handgrad/data'
import type { Sequential } from '@handgrad/layers'
import type { Optimizer } from '@handgrad/loss-optim'
import { defaultGenerator, Generator } from '@handgrad/tensor'
import { bestEpoch } from '../best.ts'
import type { TrainConfig } from '../config.ts'
import type { DataOrigin } from '../data.ts'
import { keptKeys, lengthOfSchedule, type Pacing } from '../optimizers.ts'
import { isOwnModel, type NetworkOrigin } from '../own-network.ts'
import { Pass } from '../pass.ts'
import { ConfigError } from '../resolve-config.ts'
import { type PartSizes, type RunState, RunStateError, type Within } from './run-state.ts'

/** The parts of a run that a saved state is put into. */
interface Parts {
  readonly config: TrainConfig
  readonly images: PartSizes
  readonly origin: DataOrigin | undefined
  readonly networkOrigin: NetworkOrigin | undefined
  readonly net: Sequential
  readonly optimizer: Optimizer<{ lr: number }>
  readonly pacing: Pacing | null
  readonly training: DataLoader
  readonly validation: DataLoader
}

/** What a resumed run may have otherwise than the saved one. */
const free: ReadonlySet<keyof TrainConfig> = new Set(['epochs', 'threads', 'backend', 'turbo'])

/**
 * Puts a saved state into a new run of the same config, and the default generator where it stood; gives the pass that was
 * under way.
 * @throws RunStateError where the state is of another run; ConfigError for a number of epochs that its schedule, or what
 * is done already, does not allow. The generator has not moved then.
 */
export function restore(parts: Parts, state: RunState): Pass | null {
  checkConfig(parts.config, state)
  checkData(parts.origin, state.data)
  checkNetwork(parts.networkOrigin, state.network)
  checkImages(parts.images, state.images)
  checkOptimizer(parts, state)
  checkSchedule(parts, state)
  const pass = passOf(parts, state.within)
  checkBest(parts, state)
  refused(() => new Generator().setState(state.generator))
  refused(() => parts.net.loadStateDict(state.model))
  refused(() => parts.optimizer.loadStateDict(state.optimizer))
  if (state.schedule !== null) parts.pacing?.schedule.loadStateDict(state.schedule)
  defaultGenerator.setState(state.generator)
  return pass
}

function refused<T>(load: () => T): T {
  try {
    return load()
  } catch (error) {
    throw new RunStateError((error as Error).message)
  }
}

function checkConfig(config: TrainConfig, { config: saved, history, within }: RunState): void {
  for (const name of Object.keys(saved) as (keyof TrainConfig)[]) {
    if (!free.has(name) && config[name] !== saved[name] && !areOwn(name, config, saved))
      throw new RunStateError(`${name} is ${saved[name]}, not ${config[name]}`)
  }
  const { epochs, schedule } = config
  const begun = history.length + (within === undefined ? 0 : 1)
  if (epochs < begun) {
    const where = within === undefined ? 'behind it' : 'begun'
    throw new ConfigError('epochs', `epochs is ${epochs}: the run has ${begun} ${where} already`)
  }
  if (lengthOfSchedule(config) !== lengthOfSchedule(saved)) {
    const why = `its ${schedule} schedule was laid out for ${saved.epochs}`
    throw new ConfigError('epochs', `epochs is ${epochs}: the run cannot have another number, ${why}`)
  }
}

/** A module may have moved: what it makes is known by its digest. */
const areOwn = (name: string, ...configs: readonly TrainConfig[]): boolean =>
  name === 'model' && configs.every(({ model }) => isOwnModel(model))

/** A network of the user's own is made by the same files. */
function checkNetwork(origin: NetworkOrigin | undefined, saved: NetworkOrigin | undefined): void {
  const [now, then] = [origin?.files ?? {}, saved?.files ?? {}]
  const changed = Object.keys({ ...then, ...now }).find((file) => now[file] !== then[file])
  if (changed === undefined) return
  const what =
    then[changed] === undefined ? 'is new' : now[changed] === undefined ? 'is not part of it' : 'has changed'
  throw new RunStateError(
    `its network is another one: ${changed} ${what}; go on with it as it was, or start a new run`,
  )
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
function checkOptimizer(
  { config, net, optimizer }: Parts,
  { optimizer: saved, history, within }: RunState,
): void {
  const others = (options: { lr: number }): string => JSON.stringify({ ...options, lr: 0 })
  const { lr } = saved.options ?? {}
  if (!Number.isFinite(lr) || others(saved.options) !== others(optimizer.options))
    throw new RunStateError(
      `the optimizer's options are not those of its config: ${JSON.stringify(saved.options)}`,
    )
  const expected = history.length === 0 && within === undefined ? [] : keptKeys(config)
  const isFrozen = net.parameters().map(({ requiresGrad }) => !requiresGrad)
  saved.state.forEach((kept, i) => {
    // A frozen one was never stepped.
    const missing = isFrozen[i] ? undefined : expected.find((key) => !Object.hasOwn(kept, key))
    if (missing !== undefined) throw new RunStateError(`the optimizer keeps no ${missing} for parameter ${i}`)
  })
}

function checkSchedule({ pacing, training }: Parts, { schedule, history, within }: RunState): void {
  const each = pacing?.every === 'batch' ? training.length : 1
  const steps = pacing?.every === 'batch' ? (within?.trained ?? within?.tally)?.batches : 0
  const expected = pacing === null ? undefined : history.length * each + (steps ?? 0)
  if (schedule?.lastEpoch !== expected)
    throw new RunStateError(`its schedule stands at step ${schedule?.lastEpoch}, expected ${expected}`)
}

/** The pass that was under way, where it was; its loader draws nothing. */
function passOf({ training, validation }: Parts, within: Within | undefined): Pass | null {
  if (within === undefined) return null
  const loader = within.phase === 'train' ? training : validation
  const { position, order } = within.sampler
  const { batches, images } = within.tally
  const expected = Math.min(batches * loader.batchSize, loader.dataset.length)
  if (order === null || batches < 1 || position !== expected || images !== expected)
    throw new RunStateError(
      `stands behind ${batches} batches, ${images} images and sample ${position} of its ${within.phase}: they do not fit`,
    )
  return refused(() => new Pass(loader, within))
}

/** A run that stops early tests the weights of its best epoch: they must be there, if one has ended. */
function checkBest({ config, net }: Parts, { best, history }: RunState): void {
  if (best !== undefined) {
    const names = Object.keys(net.stateDict())
    const missing = names.find((name) => best[name]?.data.length !== net.stateDict()[name].data.length)
    if (missing !== undefined || Object.keys(best).length !== names.length)
      throw new RunStateError(`the weights of its best epoch are not those of this network`)
  } else if (config.earlyStop !== null && bestEpoch(history) < history.length)
    throw new RunStateError(`has no weights of its best epoch, ${bestEpoch(history)}, which would be tested`)
}
