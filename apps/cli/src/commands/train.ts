import { availableParallelism } from 'node:os'
import { type BackendName, useBackend } from '@handgrad/tensor'
import {
  ConfigError,
  presets,
  type RunState,
  resolveConfig,
  type TrainConfig,
  TrainingRun,
  type TrainOptions,
} from '@handgrad/trainer'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import { readNetwork } from '../export/source.ts'
import { folderContents } from '../files.ts'
import { userPath } from '../io.ts'
import { newKeeper } from '../keeper.ts'
import { type Stop, watchStop } from '../stop.ts'
import { type Asked, writeBest, writeConfig } from '../train/artifacts.ts'
import { usualEvery } from '../train/checkpoint-every.ts'
import { checkRoom, type Found, newCheckpoints, readCheckpoint } from '../train/checkpoints.ts'
import { readConfigFile } from '../train/config-file.ts'
import { loadData } from '../train/load-data.ts'
import { type LogName, logsIn, openLogs } from '../train/log/kinds.ts'
import { addTrainOptions, splitOptions, type TrainFlags } from '../train/options.ts'
import { newReporter, type Reporter } from '../train/reporter.ts'
import { resumedConfig } from '../train/resume.ts'
import { checkOut, openRunFolder, type RunFolder, reopenRunFolder } from '../train/run-folder.ts'
import { savedData } from '../train/saved-data.ts'
import { type Session, train } from '../train/session.ts'

export const command: CommandModule = {
  summary: 'train a network and measure it on the test set',
  define(program) {
    addTrainOptions(program)
    program.addHelpText('after', helpText())
  },
  async run({ options, io }) {
    const { given, flags } = splitOptions(options)
    const reporter = newReporter(io, flags)
    const stop = watchStop(() => reporter.note('stopping after this batch; Ctrl-C again quits at once'))
    let folder: RunFolder | undefined
    try {
      if (flags.resume !== undefined) folder = await resumedFolder(flags)
      const session = await begin(given, flags, reporter, stop, folder)
      folder = session.folder
      return await train(session)
    } finally {
      await folder?.close()
      stop.dispose()
    }
  },
}

/** The run's own folder, locked before its checkpoints are read; undefined where the run goes on in another. */
async function resumedFolder({ resume, out }: TrainFlags): Promise<RunFolder | undefined> {
  if ((await folderContents(userPath(resume!))) === null)
    throw new CliError(`${resume} cannot be resumed: no state.safetensors, and no such folder`)
  return out === undefined ? reopenRunFolder(resume!) : undefined
}

/** Makes all that a training needs, and tries whether it can be saved. */
async function begin(
  given: TrainOptions,
  flags: TrainFlags,
  reporter: Reporter,
  stop: Stop,
  reopened: RunFolder | undefined,
): Promise<Session> {
  const { resume, init } = flags
  if (resume !== undefined && (init !== undefined || flags.config !== undefined))
    throw new CliError('--init and --config do not go with --resume: the run has its own', exitCodes.usage)
  const file = flags.config === undefined ? undefined : await readConfigFile(flags.config)
  const found = resume === undefined ? undefined : await readCheckpoint(resume)
  for (const note of found?.notes ?? []) reporter.note(note)
  const wanted = { ...file?.options, ...given }
  const asked = usable(() =>
    found === undefined ? resolveConfig(wanted) : resumedConfig(found.state, given),
  )
  const config = honestConfig(asked, given, reporter)
  useBackend(config.backend as BackendName)
  if (flags.out !== undefined) await checkOut(flags.out)
  const dataDir = await dataDirOf(flags, config, found?.state, reporter, file?.dataDir)
  const data = await loadData(config, dataDir)
  // Before the run is made: a network draws its own weights, and the run starts its draws from its seed.
  const weights = init === undefined ? undefined : await readNetwork(userPath(init), config.model)
  const onWarning = (text: string): void => reporter.note(text)
  const run = usable(() => new TrainingRun(config, data, found?.state, { onWarning }))
  if (run.noTurbo !== null) reporter.note(`--turbo: ${run.noTurbo}; training goes on without`)
  if (weights !== undefined) run.net.loadStateDict(weights.net.stateDict())
  const folder = reopened ?? (await openRunFolder(flags.out, config.model))
  const checkpoints = newCheckpoints(folder, reopened && found?.whole)
  const { checkpointEvery: every = usualEvery, minAccuracy = 0 } = flags
  const log = await logsOf(flags, file?.log)
  const logs = await openLogs(log, folder)
  const keeper = newKeeper()
  const session = { run, data, folder, checkpoints, every, logs, reporter, keeper, stop, minAccuracy }
  await saveFirst(session, reopened && found, { init: weights?.path, log })
  return session
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

/** The folder of the data: as given, else as the run that goes on knows it. */
async function dataDirOf(
  { dataDir, resume }: TrainFlags,
  config: TrainConfig,
  state: RunState | undefined,
  reporter: Reporter,
  configured: string | undefined,
): Promise<string | undefined> {
  // mutant: logical `resume === undefined || state === undefined` → `(resume === undefined)` is equivalent because a state is that of a run to go on
  if (resume === undefined || state === undefined) return dataDir ?? configured
  const saved = await savedData(resume, state, { dataDir, config })
  for (const note of saved.notes) reporter.note(note)
  return saved.dataDir
}

/** A value in the config that cannot be used is the user's mistake. */
function usable<T>(make: () => T): T {
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

function helpText(): string {
  const lines = Object.entries(presets).map(([name, { description }]) => `  ${name.padEnd(9)} ${description}`)
  return `
Presets:
${lines.join('\n')}

Examples:
  handgrad train                                 the default preset on MNIST
  handgrad train --preset seed --epochs 1        the plain recipe, one pass
  handgrad train --model lenet5 --out runs/lenet another network, a folder of your choice
  handgrad train --limit 2000 --json             a quick trial, for a program to read
  handgrad train --resume runs/seed-1            go on with a run that was stopped or killed
  handgrad train --config runs/seed-1/config.json            the same run again
  handgrad train --log tensorboard,csv           metrics.csv, and events for tensorboard --logdir runs
  handgrad train --epochs 50 --early-stop 5 --min-accuracy 0.98   for scripts: exit code 3 below 98 %
`
}
