import { type DoneEvent, type EpochEvent, isOwnModel, type TrainEvent } from '@handgrad/trainer'
import { quoted } from '../completion/shell.ts'
import type { Channel, Io } from '../io.ts'
import { type Column, fitting, header, rowOf } from '../table.ts'
import { paragraph } from '../wrap.ts'
import { count, lossText, percent } from './format.ts'
import { type LiveLine, liveLine, noLiveLine } from './live-line.ts'
import { type RunFolder, shownPath } from './run-folder.ts'
import { printSummary, type Summary, summaryFields } from './summary/summary.ts'

/** How a run is told: results on stdout, progress and notes on stderr. */
export interface Reporter {
  event(event: TrainEvent): void
  note(text: string): void
  /** What the test came to: before anything that could fail and is worth less. */
  result(event: DoneEvent, folder: RunFolder, summary?: Summary): void
  /** The files, when all are there; and the result once more on stderr, where stdout could not take it. */
  written(event: DoneEvent, folder: RunFolder): void
  /** The run was stopped before its end. */
  stopped(epoch: number, folder: RunFolder, resume: string): void
  /** One of several runs begins, or goes on. */
  seed(seed: number, which: string, path: string): void
  /** A check was not passed. */
  problem(text: string): void
}

/** How much is told, and how. */
interface Flags {
  readonly json?: boolean | undefined
  /** The results alone. */
  readonly quiet?: boolean | undefined
  /** Of several runs, what is told of each is short: all is told at the end. */
  readonly isOneOfSeveral?: boolean
}

/** The reporter for `--json` (one object a line) or for people, who may want it `quiet`. */
export function newReporter(
  io: Io,
  { json = false, quiet = false, isOneOfSeveral = false }: Flags,
): Reporter {
  const live = quiet ? noLiveLine : liveLine(io.err)
  const note = (text: string): void => {
    if (quiet) return
    live.clear()
    io.err.line(`note: ${text}`)
  }
  const problem = (text: string): void => {
    live.clear()
    io.err.line(`error: ${text}`)
  }
  return {
    note,
    problem,
    ...(json ? jsonReporter(io, live) : textReporter(io, live, { quiet, isOneOfSeveral })),
  }
}

function jsonReporter({ out, err }: Io, live: LiveLine): Omit<Reporter, 'note' | 'problem'> {
  const resultOf = (
    { event, testAccuracy, testLoss, imagesPerSecond, bestEpoch }: DoneEvent,
    folder: RunFolder,
    summary?: Summary,
  ) => ({
    event,
    testAccuracy,
    testLoss,
    imagesPerSecond,
    ...(bestEpoch !== undefined && { bestEpoch }),
    run: folder.path,
    ...(summary && summaryFields(summary)),
  })
  const print = (value: object): void => {
    live.clear()
    out.line(JSON.stringify(value))
  }
  return {
    event: (event) => {
      if (event.event === 'progress') live.show(event)
      if (event.event === 'epoch') print(event)
    },
    result: (event, folder, summary) => print(resultOf(event, folder, summary)),
    written: (event, folder) => {
      if (out.failure !== undefined) err.line(JSON.stringify(resultOf(event, folder)))
    },
    stopped: (epoch, folder, resume) => print({ event: 'stopped', epoch, run: folder.path, resume }),
    seed: (seed, _which, run) => print({ event: 'seed', seed, run }),
  }
}

function textReporter(
  { out, err }: Io,
  live: LiveLine,
  { quiet, isOneOfSeveral }: Flags,
): Omit<Reporter, 'note' | 'problem'> {
  const table = epochTable(out)
  const written = (folder: RunFolder): void => {
    if (isOneOfSeveral) return
    out.line('written:')
    for (const name of folder.files) out.line(`  ${shownPath(`${folder.path}/${name}`)}`)
  }
  const result = (to: Channel, { testAccuracy, testLoss, imagesPerSecond, bestEpoch }: DoneEvent): void => {
    const accuracy = to.style('bold', `test accuracy ${percent(testAccuracy)}`)
    const weights = bestEpoch === undefined ? '' : ` with the weights of epoch ${bestEpoch}, the best`
    paragraph(
      to,
      `${accuracy}${weights}, test loss ${lossText(testLoss)}, trained at ${count(imagesPerSecond)} images/s`,
    )
  }
  return {
    event: (event) => {
      if (event.event === 'progress') return live.show(event)
      live.clear()
      if (event.event === 'epoch' && !quiet) table(event)
    },
    result: (event, _folder, summary) => {
      result(out, event)
      if (summary !== undefined && !quiet && !isOneOfSeveral) printSummary(out, summary)
    },
    written: (event, folder) => {
      written(folder)
      if (out.failure !== undefined) result(err, event)
    },
    stopped: (epoch, folder, resume) => {
      live.clear()
      err.line(`stopped in epoch ${epoch}; the test set was not read`)
      err.line(`go on with: ${resume}`)
      written(folder)
    },
    seed: (seed, which) => {
      live.clear()
      if (!quiet) out.line(out.style('bold', `seed ${seed}, ${which}`))
    },
  }
}

const columns: readonly Column<EpochEvent>[] = [
  cell('epoch', ({ epoch, epochs }) => `${epoch}/${epochs}`, true),
  cell('train loss', ({ trainLoss }) => lossText(trainLoss)),
  cell('train acc', ({ trainAccuracy }) => percent(trainAccuracy)),
  cell('val loss', ({ validationLoss }) => lossText(validationLoss), true),
  cell('val acc', ({ validationAccuracy }) => percent(validationAccuracy), true),
  cell('seconds', ({ seconds }) => seconds.toFixed(1)),
  cell('images/s', ({ imagesPerSecond }) => count(imagesPerSecond)),
]

function cell(title: string, text: (epoch: EpochEvent) => string, keep = false): Column<EpochEvent> {
  return { title, width: Math.max(9, title.length), align: 'right', cell: text, keep }
}

/** Prints a row per epoch, under a header before the first. */
function epochTable(out: Channel): (epoch: EpochEvent) => void {
  const shown = fitting(columns, out.columns)
  let started = false
  return (epoch) => {
    if (!started) out.line(out.style('dim', header(shown)))
    started = true
    out.line(rowOf(shown, epoch))
  }
}

/** What goes on with the run in a folder, for a shell; a network of the user's own is named again. */
export function resumeCommand({ path }: Pick<RunFolder, 'path'>, model = ''): string {
  const own = isOwnModel(model) ? ` --model ${word(shownPath(model))}` : ''
  return `handgrad train --resume ${word(shownPath(path))}${own}`
}

const word = (path: string): string => (/^[\w./:@%+,-]+$/.test(path) ? path : quoted(path))
