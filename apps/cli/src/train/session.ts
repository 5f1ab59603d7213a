import { setImmediate } from 'node:timers/promises'
import { type DoneEvent, NotFiniteError, type TrainEvent, type TrainingRun } from '@handgrad/trainer'
import { CliError, exitCodes, oneLine } from '../errors.ts'
import type { Keeper } from '../keeper.ts'
import type { Stop } from '../stop.ts'
import { writeBest, writeMetrics, writeModel, writePictures } from './artifacts.ts'
import { type CheckpointEvery, newTimer } from './checkpoint-every.ts'
import type { Checkpoints } from './checkpoints.ts'
import { percent } from './format.ts'
import type { NamedData } from './load-data.ts'
import type { RunLog } from './log/kinds.ts'
import { type Reporter, resumeCommand } from './reporter.ts'
import { type RunFolder, shownPath } from './run-folder.ts'
import { type Summary, summaryOf } from './summary/summary.ts'
import type { Watch } from './watch/watch.ts'

/** What the steps of one `train` share. */
export interface Session {
  readonly run: TrainingRun
  readonly data: NamedData
  readonly folder: RunFolder
  /** What goes on where it is resumed: the run's folder, or that of the several runs that it is one of. */
  readonly whole: string
  readonly checkpoints: Checkpoints
  readonly every: CheckpointEvery
  /** Beside `metrics.jsonl`. */
  readonly logs: readonly RunLog[]
  readonly reporter: Reporter
  readonly keeper: Keeper
  readonly stop: Stop
  /** The page that shows it, where there is one. */
  readonly watch: Watch | undefined
  /** What the test has to come to. */
  readonly minAccuracy: number
}

/** Trains to the end, or until the user stops it; gives the exit code. */
export async function train(session: Session): Promise<number> {
  const { run, data, folder, whole, reporter, keeper, stop } = session
  try {
    const done = await follow(session)
    await keeper.keep('model', () => writeModel(folder, run, done))
    if (done !== null) reporter.result(done, folder, summarised(session, done))
    for (const problem of await writePictures(folder, run, data, done)) reporter.note(problem)
    // All epochs may be over: then it was the test that was stopped.
    const resume = resumeCommand({ path: whole }, run.config.model)
    if (done === null) reporter.stopped(Math.min(run.history.length + 1, run.config.epochs), folder, resume)
    else reporter.written(done, folder)
    keeper.check()
    if (done === null) return stop.exitCode!
    return stop.isUnread ? exitCodes.brokenPipe : gate(session, done)
  } catch (error) {
    if (error instanceof NotFiniteError) throw notFinite(error, session)
    if (run.history.length === 0) await folder.discard()
    throw error
  }
}

/** Costs nothing but itself. */
function summarised({ run, data, reporter }: Session, done: DoneEvent): Summary | undefined {
  try {
    return summaryOf(run, data.description.classes, done)
  } catch (error) {
    reporter.note(`no summary: ${oneLine(error)}`)
    return undefined
  }
}

function notFinite(error: NotFiniteError, { folder }: Session): CliError {
  const kept = `the last good checkpoint stays in ${shownPath(folder.path)}`
  return new CliError(`${error.message}; ${kept}`, exitCodes.gate, { cause: error })
}

function gate({ minAccuracy, reporter }: Session, { testAccuracy }: DoneEvent): number {
  if (testAccuracy >= minAccuracy) return exitCodes.ok
  reporter.problem(`test accuracy ${percent(testAccuracy)} is below --min-accuracy ${percent(minAccuracy)}`)
  return exitCodes.gate
}

/** Trains to the end, or until the user stops it: null then. */
async function follow(session: Session): Promise<DoneEvent | null> {
  const { run, data, folder, reporter, keeper, stop, watch } = session
  const timer = newTimer(session.every)
  if (stop.exitCode !== null) return null
  watch?.begin(run, data)
  for await (const event of run.events()) {
    reporter.event(event)
    watch?.event(event)
    if (event.event === 'done') {
      const measures = [...run.history, event]
      await keeper.keep('metrics', () => writeMetrics(folder, measures))
      for (const log of session.logs) await keeper.keep(log.file, () => log.write(measures))
      return event
    }
    const isDue = timer.isDue()
    if (event.event === 'epoch') await keepEpoch(session)
    // Signals are delivered between turns of the event loop.
    await setImmediate()
    const isStopped = stop.exitCode !== null
    if (event.event === 'epoch' || (isWithin(event) && (isDue || isStopped))) timer.saved()
    if (isWithin(event) && (isDue || isStopped)) await keepState(session)
    if (isStopped) return null
  }
  return null
}

/** The test is not gone on with: it is read again. */
const isWithin = (event: TrainEvent): boolean => event.event === 'progress' && event.phase !== 'test'

async function keepEpoch(session: Session): Promise<void> {
  const { run, folder, reporter } = session
  const { zeroGradient = [], unmoved = [] } = run.history[run.history.length - 1]
  if (zeroGradient.length > 0)
    reporter.note(`the gradient of ${zeroGradient.join(', ')} was exactly 0 in the whole epoch`)
  const still = unmoved.filter((name) => !zeroGradient.includes(name))
  if (still.length > 0) reporter.note(`${still.join(', ')} did not move in the whole epoch`)
  // The best before the state: a run that goes on from this state has it.
  if (run.best!.epoch === run.history.length) await keep(session, 'best', () => writeBest(folder, run))
  await keepState(session)
  await keep(session, 'metrics', () => writeMetrics(folder, run.history))
  for (const log of session.logs) await keep(session, log.file, () => log.write(run.history))
}

async function keepState(session: Session): Promise<void> {
  // What is not finite is not saved, and ends the run.
  const state = session.run.state()
  await keep(session, 'state', () => session.checkpoints.save(state))
}

/** Each time there is more to say, and what was written before is kept if that fails. */
async function keep({ keeper, reporter }: Session, name: string, write: () => Promise<void>): Promise<void> {
  const problem = await keeper.keep(name, write)
  if (problem !== null) reporter.note(`${problem}; training goes on, and tries again after each epoch`)
}
