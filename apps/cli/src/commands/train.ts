import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { type BackendName, useBackend } from '@handgrad/tensor'
import {
  ConfigError,
  type DoneEvent,
  presets,
  type RunState,
  resolveConfig,
  type TrainConfig,
  TrainingRun,
  type TrainOptions,
} from '@handgrad/trainer'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import { type Keeper, newKeeper } from '../keeper.ts'
import { type Stop, watchStop } from '../stop.ts'
import { writeConfig, writeMetrics, writeModel, writePictures, writeState } from '../train/artifacts.ts'
import { loadData, type NamedData } from '../train/load-data.ts'
import { addTrainOptions, splitOptions, type TrainFlags } from '../train/options.ts'
import { newReporter, type Reporter } from '../train/reporter.ts'
import { readRunState, resumedConfig } from '../train/resume.ts'
import { checkOut, openRunFolder, type RunFolder, reopenRunFolder } from '../train/run-folder.ts'
import { savedData } from '../train/saved-data.ts'

/** What the steps of one `train` share. */
interface Session {
  readonly run: TrainingRun
  readonly data: NamedData
  readonly folder: RunFolder
  readonly reporter: Reporter
  readonly keeper: Keeper
}

export const command: CommandModule = {
  summary: 'train a network and measure it on the test set',
  define(program) {
    addTrainOptions(program)
    program.addHelpText('after', helpText())
  },
  async run({ options, io }) {
    const { given, flags } = splitOptions(options)
    const reporter = newReporter(io, flags)
    const { resume } = flags
    const saved = resume === undefined ? undefined : await readRunState(resume)
    const asked = usable(() => (saved === undefined ? resolveConfig(given) : resumedConfig(saved, given)))
    const config = honestConfig(asked, given, reporter)
    useBackend(config.backend as BackendName)
    if (flags.out !== undefined) await checkOut(flags.out)
    const data = await loadData(config, await dataDirOf(flags, config, saved, reporter))
    const onWarning = (text: string): void => reporter.note(text)
    const run = usable(() => new TrainingRun(config, data, saved, { onWarning }))
    if (run.noTurbo !== null) reporter.note(`--turbo: ${run.noTurbo}; training goes on without`)
    const again = resume !== undefined && flags.out === undefined
    const folder = again ? reopenRunFolder(resume) : await openRunFolder(flags.out, config.model)
    try {
      await writeConfig(folder, run, data)
    } catch (error) {
      await folder.discard()
      throw error
    }
    return train({ run, data, folder, reporter, keeper: newKeeper() })
  },
}

/** The folder of the data: as given, else as the run that goes on knows it. */
async function dataDirOf(
  { dataDir, resume }: TrainFlags,
  config: TrainConfig,
  state: RunState | undefined,
  reporter: Reporter,
): Promise<string | undefined> {
  // mutant: logical `resume === undefined || state === undefined` → `(resume === undefined)` is equivalent because a state is that of a run to go on
  if (resume === undefined || state === undefined) return dataDir
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

async function train(session: Session): Promise<number> {
  const { run, data, folder, reporter, keeper } = session
  const stop = watchStop(() => reporter.note('stopping after this batch; Ctrl-C again quits at once'))
  try {
    const done = await follow(session, stop)
    await keeper.keep('model', () => writeModel(folder, run))
    if (done !== null) reporter.result(done, folder)
    for (const problem of await writePictures(folder, run, data, done)) reporter.note(problem)
    // All epochs may be over: then it was the test that was stopped.
    if (done === null) reporter.stopped(Math.min(run.history.length + 1, run.config.epochs), folder)
    else reporter.written(done, folder)
    keeper.check()
    return done === null || stop.exitCode === exitCodes.brokenPipe ? stop.exitCode! : exitCodes.ok
  } catch (error) {
    if (run.history.length === 0) await folder.discard()
    throw error
  } finally {
    stop.dispose()
  }
}

/** Trains to the end, or until the user stops it: null then. */
async function follow({ run, folder, reporter, keeper }: Session, stop: Stop): Promise<DoneEvent | null> {
  /** Of the epochs; each time there is more to say, and the older half is kept if that fails. */
  const keep = async (name: string, write: () => Promise<void>): Promise<void> => {
    const problem = await keeper.keep(name, write)
    if (problem !== null) reporter.note(`${problem}; training goes on, and tries again after each epoch`)
  }
  for await (const event of run.events()) {
    reporter.event(event)
    if (event.event === 'epoch') {
      await keep('state', () => writeState(folder, run))
      await keep('metrics', () => writeMetrics(folder, run.history))
    }
    if (event.event === 'done') {
      await keeper.keep('metrics', () => writeMetrics(folder, [...run.history, event]))
      return event
    }
    // Signals are delivered between turns of the event loop.
    await setImmediate()
    if (stop.exitCode !== null) return null
  }
  return null
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
  handgrad train --resume runs/seed-1            go on with a run that was stopped
`
}
