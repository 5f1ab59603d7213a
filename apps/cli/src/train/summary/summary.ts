import type { DoneEvent, EpochEvent, TrainingRun } from '@handgrad/trainer'
import type { Channel } from '../../io.ts'
import { paragraph } from '../../wrap.ts'
import { lossText, percent } from '../format.ts'
import { type Confused, mostConfused } from './confused.ts'
import { type GradientNorm, gradientNorms } from './gradient-norms.ts'
import { lossChart } from './loss-chart.ts'

/** What there is to say of a run that has ended, beside its result. */
export interface Summary {
  readonly history: readonly EpochEvent[]
  /** The epoch with the least loss in validation. */
  readonly best: EpochEvent
  readonly mostConfused: readonly Confused[]
  readonly gradientNorms: readonly GradientNorm[]
}

/** The summary of a run that has ended. */
export function summaryOf(run: TrainingRun, classes: readonly string[], done: DoneEvent): Summary {
  return {
    history: run.history,
    best: run.history[run.best!.epoch - 1],
    mostConfused: mostConfused(done.confusion, classes),
    gradientNorms: gradientNorms(run),
  }
}

/** The summary as fields of a JSON object. */
export function summaryFields({ best, mostConfused: confused, gradientNorms: norms }: Summary): object {
  const { epoch, validationLoss, validationAccuracy } = best
  return { best: { epoch, validationLoss, validationAccuracy }, mostConfused: confused, gradientNorms: norms }
}

/** Prints the summary: the losses as a chart, the best epoch, what is confused, and the gradients. */
export function printSummary(
  out: Channel,
  { history, best, mostConfused: pairs, gradientNorms: norms }: Summary,
): void {
  const plain = process.env['TERM'] === 'dumb'
  const chart = lossChart(history, out.columns, plain)
  if (chart.length > 0) out.line()
  for (const line of chart) out.line(line)
  out.line()
  const { epoch, validationLoss, validationAccuracy } = best
  paragraph(
    out,
    `best epoch ${epoch} of ${history.length}: validation loss ${lossText(validationLoss)}, accuracy ${percent(validationAccuracy)}`,
  )
  if (pairs.length > 0) paragraph(out, `most confused: ${pairs.map(inWords).join(', ')}`)
  if (norms.length > 0) paragraph(out, 'gradient norms, for the first batch of training images:')
  for (const line of normLines(norms, out.columns, plain)) out.line(line)
  out.line()
}

const inWords = ({ truth, takenFor, images }: Confused): string =>
  `${truth} taken for ${takenFor} (${images})`

const BAR = 20

/** A layer a line, with a bar as long as its norm; bars are left out where there is no room for them. */
function normLines(norms: readonly GradientNorm[], columns: number, plain: boolean): string[] {
  const most = Math.max(...norms.map(({ norm }) => norm)) || 1
  const named = norms.map(({ name, layer }) => `${name} ${layer}`)
  const width = Math.max(...named.map(({ length }) => length))
  return norms.map(({ norm }, i) => {
    const line = `  ${named[i].padEnd(width)}  ${norm.toExponential(2)}`
    const bar = (plain ? '#' : '█').repeat(Math.round((norm / most) * BAR))
    return line.length + 2 + BAR > columns ? line : `${line}  ${bar}`.trimEnd()
  })
}
