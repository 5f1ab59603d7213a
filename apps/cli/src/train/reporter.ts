import type { DoneEvent, EpochEvent, TrainEvent } from '@handgrad/trainer'
import type { Channel, Io } from '../io.ts'
import { count, lossText, percent } from './format.ts'
import { type LiveLine, liveLine, noLiveLine } from './live-line.ts'
import { type RunFolder, shownPath } from './run-folder.ts'

/** How a run is told: results on stdout, progress and notes on stderr. */
export interface Reporter {
  event(event: TrainEvent): void
  note(text: string): void
  done(event: DoneEvent, folder: RunFolder): void
  /** The run was stopped before its end. */
  stopped(epoch: number, folder: RunFolder): void
}

/** The reporter for `--json` (one object a line) or for people, who may want it `quiet`. */
export function newReporter(
  io: Io,
  { json = false, quiet = false }: { json?: boolean; quiet?: boolean },
): Reporter {
  const live = quiet ? noLiveLine : liveLine(io.err)
  const note = (text: string): void => {
    if (quiet) return
    live.clear()
    io.err.line(`note: ${text}`)
  }
  return { note, ...(json ? jsonReporter(io.out, live) : textReporter(io, live, quiet)) }
}

function jsonReporter(out: Channel, live: LiveLine): Omit<Reporter, 'note'> {
  const print = (value: object): void => {
    live.clear()
    out.line(JSON.stringify(value))
  }
  return {
    event: (event) => {
      if (event.event === 'progress') live.show(event)
      if (event.event === 'epoch') print(event)
    },
    done: ({ event, testAccuracy, testLoss, imagesPerSecond }, folder) =>
      print({ event, testAccuracy, testLoss, imagesPerSecond, run: folder.path }),
    stopped: (epoch, folder) => print({ event: 'stopped', epoch, run: folder.path }),
  }
}

function textReporter({ out, err }: Io, live: LiveLine, quiet: boolean): Omit<Reporter, 'note'> {
  const table = epochTable(out)
  const paths = (folder: RunFolder): void => {
    for (const name of folder.files) out.line(`  ${shownPath(`${folder.path}/${name}`)}`)
  }
  return {
    event: (event) => {
      if (event.event === 'progress') return live.show(event)
      live.clear()
      if (event.event === 'epoch' && !quiet) table(event)
    },
    done: ({ testAccuracy, testLoss, imagesPerSecond }, folder) => {
      const accuracy = out.style('bold', `test accuracy ${percent(testAccuracy)}`)
      out.line(`${accuracy}, test loss ${lossText(testLoss)}, trained at ${count(imagesPerSecond)} images/s`)
      out.line('written:')
      paths(folder)
    },
    stopped: (epoch, folder) => {
      live.clear()
      err.line(`stopped in epoch ${epoch}; the test set was not read`)
      out.line('written:')
      paths(folder)
    },
  }
}

const columns: readonly (readonly [title: string, cell: (epoch: EpochEvent) => string])[] = [
  ['epoch', ({ epoch, epochs }) => `${epoch}/${epochs}`],
  ['train loss', ({ trainLoss }) => lossText(trainLoss)],
  ['train acc', ({ trainAccuracy }) => percent(trainAccuracy)],
  ['val loss', ({ validationLoss }) => lossText(validationLoss)],
  ['val acc', ({ validationAccuracy }) => percent(validationAccuracy)],
  ['seconds', ({ seconds }) => seconds.toFixed(1)],
  ['images/s', ({ imagesPerSecond }) => count(imagesPerSecond)],
]

/** Prints a row per epoch, under a header before the first. */
function epochTable(out: Channel): (epoch: EpochEvent) => void {
  const row = (cells: readonly string[]): string =>
    cells.map((cell, i) => cell.padStart(Math.max(9, columns[i][0].length))).join('  ')
  let started = false
  return (epoch) => {
    if (!started) out.line(out.style('dim', row(columns.map(([title]) => title))))
    started = true
    out.line(row(columns.map(([, cell]) => cell(epoch))))
  }
}
