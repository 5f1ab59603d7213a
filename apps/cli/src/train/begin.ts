import { availableParallelism } from 'node:os'
import { type BackendName, useBackend } from '@handgrad/tensor'
import {
  ConfigError,
  isOwnModel,
  type OwnNetwork,
  type RunState,
  resolveConfig,
  type TrainConfig,
  TrainingRun,
  type TrainOptions,
} from '@handgrad/trainer'
import { CliError, exitCodes } from '../errors.ts'
import { readNetwork } from '../export/source.ts'
import { userPath } from '../io.ts'
import { newKeeper } from '../keeper.ts'
import { modelName, namedNetwork } from '../network/own-network.ts'
import type { Stop } from '../stop.ts'
import { checkFit } from '../trained/evaluate.ts'
import { type Asked, writeBest, writeConfig } from './artifacts.ts'
import { usualEvery } from './checkpoint-every.ts'
import { checkRoom, type Found, newCheckpoints, readCheckpoint } from './checkpoints.ts'
import { readConfigFile } from './config-file.ts'
import { loadData } from './load-data.ts'
import { type LogName, logsIn, openLogs } from './log/kinds.ts'
import type { TrainFlags } from './options.ts'
import { checkLike, type Group } from './repeat/group.ts'
import type { Reporter } from './reporter.ts'
import { resumedConfig } from './resume.ts'
import { checkOut, openRunFolder, type RunFolder } from './run-folder.ts'
import { type SavedData, savedData } from './saved-data.ts'
import type { Session } from './session.ts'
import type { Watch } from './watch/watch.ts'

/** What is there before a training, and after it. */
export interface Around {
  readonly reporter: Reporter
  readonly stop: Stop
  /** The page that shows it. */
  readonly watch?: Watch | undefined
  /** The several runs that it is one of. */
  readonly group?: Group | undefined
}

/** Makes all that a training needs, and tries whether it can be saved. */
export async function begin(
  typed: TrainOptions,
  flags: TrainFlags,
  { reporter, stop, watch, group }: Around,
  reopened: RunFolder | undefined,
): Promise<Session> {
  const { resume, init } = flags
  if (resume !== undefined && (init !== undefined || flags.config !== undefined))
    throw new CliError('--init and --config do not go with --resume: the run has its own', exitCodes.usage)
  const file = flags.config === undefined ? undefined : await readConfigFile(flags.config)
  const { given, network } = await withNetwork(typed)
  const found = resume === undefined ? undefined : await readCheckpoint(resume, { network })
  for (const note of found?.notes ?? []) reporter.note(note)
  const wanted = { ...file?.options, ...given }
  const asked = usable(() =>
    found === undefined ? resolveConfig(wanted) : resumedConfig(found.state, given),
  )
  if (isOwnModel(asked.model) && network === undefined)
    throw new CliError(
      `--config ${flags.config}: its network is one of your own, ${modelName(asked.model)}: name its file with --model`,
      exitCodes.usage,
    )
  const config = honestConfig(asked, given, reporter)
  useBackend(config.backend as BackendName)
  if (flags.out !== undefined) await checkOut(flags.out)
  const before = await savedOf(flags, config, found?.state, reporter)
  const dataDir = before === null ? (flags.dataDir ?? file?.dataDir) : before.dataDir
  const data = await loadData(config, dataDir)
  if (file?.dataDigest !== undefined && file.dataDigest !== data.origin.digest)
    reporter.note(`--config ${flags.config} was written for other data: this is another run`)
  if (group !== undefined) await checkLike(group, { data: data.origin.digest, network: network?.origin })
  // Before the run is made: a network draws its own weights, and the run starts its draws from its seed.
  const weights = init === undefined ? undefined : await readNetwork(userPath(init), network ?? config.model)
  const onWarning = (text: string): void => reporter.note(text)
  const run = usable(() => new TrainingRun(config, data, found?.state, { onWarning, network }))
  if (run.noTurbo !== null) reporter.note(`--turbo: ${run.noTurbo}; training goes on without`)
  if (weights !== undefined) run.net.loadStateDict(weights.net.stateDict())
  checkFit(run.net, data.test, data.classes)
  const name = modelName(config.model).replace(/\.\w+$/, '')
  const folder = reopened ?? (await openRunFolder(flags.out, name))
  const checkpoints = newCheckpoints(folder, reopened && found?.whole)
  const { checkpointEvery: every = usualEvery, minAccuracy = 0 } = flags
  const log = await logsOf(flags, file?.log)
  const logs = await openLogs(log, folder)
  const keeper = newKeeper()
  const whole = group?.folder ?? folder.path
  const shared = { every, logs, reporter, keeper, stop, watch, minAccuracy }
  const session = { run, data, folder, whole, checkpoints, ...shared }
  await saveFirst(session, reopened && found, { init: weights?.path ?? before?.init, log })
  return session
}

/** What was typed, with the absolute path of a network of the user's own, and that network. */
async function withNetwork(
  given: TrainOptions,
): Promise<{ given: TrainOptions; network: OwnNetwork | undefined }> {
  const named = await namedNetwork(given.model)
  if (typeof named !== 'object') return { given, network: undefined }
  return { given: { ...given, model: userPath(given.model!) }, network: named }
}

/** The logs that were asked for, and those that a run that goes on has already. */
async function logsOf({ resume, log }: TrainFlags, configured: readonly LogName[] = []): Promise<LogName[]> {
  const known = resume === undefined ? configured : await logsIn(userPath(resume))
  return [...new Set([...known, ...(log ?? [])])]
}

/** Room and rights are tried before an hour is spent; a run that is killed at once can be gone on with. */
async function saveFirst(
  { folder, run, data, checkpoints, logs }: Session,
  found: Found | undefined,
  asked: Asked,
): Promise<void> {
  try {
    await checkRoom(folder.path, run.state())
    await writeConfig(folder, run, data, asked)
    await writeBest(folder, run)
    for (const log of logs) await log.write(run.history)
    if (found === undefined) await checkpoints.save(run.state())
    // One that was killed behind an epoch's end had no time for it.
    else if (found.state.within === undefined) await checkpoints.tidy()
  } catch (error) {
    await folder.discard()
    throw error
  }
}

/** What the run that goes on knows of its data and its first weights; null for a new one. */
async function savedOf(
  { dataDir, resume }: TrainFlags,
  config: TrainConfig,
  state: RunState | undefined,
  reporter: Reporter,
): Promise<SavedData | null> {
  // mutant: logical `resume === undefined || state === undefined` → `(resume === undefined)` is equivalent because a state is that of a run to go on
  if (resume === undefined || state === undefined) return null
  const saved = await savedData(resume, state, { dataDir, config })
  for (const note of saved.notes) reporter.note(note)
  return saved
}

/** A value in the config that cannot be used is the user's mistake. */
export function usable<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError(error.message, exitCodes.usage, { cause: error })
    throw error
  }
}

/** The config says what is done, not what was asked for: the reference kernels compute on one thread. */
function honestConfig(config: TrainConfig, given: TrainOptions, reporter: Reporter): TrainConfig {
  const cores = availableParallelism()
  if (config.backend !== 'reference') {
    if (config.threads > cores)
      reporter.note(
        `--threads ${config.threads}: more than this machine's ${cores} cores, which is no faster`,
      )
    return config
  }
  // mutant: changed default `1` → `0` is equivalent because neither is more than 1
  if ((given.threads ?? 1) > 1) reporter.note(`--threads ${given.threads}: reference trains on 1 thread`)
  return { ...config, threads: 1 }
}
