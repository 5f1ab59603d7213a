import type { DoneEvent } from '@handgrad/trainer'
import type { Io } from '../../io.ts'
import { type Column, fitting, header, rowOf } from '../../table.ts'
import { paragraph } from '../../wrap.ts'
import { lossText, percent } from '../format.ts'
import type { TrainFlags } from '../options.ts'
import { shownPath } from '../run-folder.ts'
import { spreadOf, spreadText } from './spread.ts'

/** What the run of a seed came to; null where it failed. */
export interface SeedResult {
  readonly seed: number
  readonly done: DoneEvent | null
}

const columns: readonly Column<SeedResult>[] = [
  { title: 'seed', width: 6, align: 'right', cell: ({ seed }) => String(seed), keep: true },
  {
    title: 'test acc',
    width: 9,
    align: 'right',
    cell: ({ done }) => (done ? percent(done.testAccuracy) : 'failed'),
    keep: true,
  },
  { title: 'test loss', width: 9, align: 'right', cell: ({ done }) => (done ? lossText(done.testLoss) : '') },
  { title: 'seconds', width: 8, align: 'right', cell: ({ done }) => done?.seconds.toFixed(1) ?? '' },
]

/** Tells what several runs came to: each, and the spread of all that did not fail. */
export function printResults(
  { out }: Io,
  results: readonly SeedResult[],
  folder: string,
  { json = false, quiet = false }: TrainFlags,
): void {
  const finished = results.flatMap(({ done }) => (done === null ? [] : [done]))
  const accuracy = finished.length === 0 ? null : spreadOf(finished.map(({ testAccuracy }) => testAccuracy))
  const loss = finished.length === 0 ? null : spreadOf(finished.map(({ testLoss }) => testLoss))
  if (json) {
    const seeds = results.map(({ seed }) => seed)
    const failed = results.filter(({ done }) => done === null).map(({ seed }) => seed)
    out.line(
      JSON.stringify({
        event: 'repeated',
        seeds,
        failed,
        testAccuracy: accuracy,
        testLoss: loss,
        run: folder,
      }),
    )
    return
  }
  if (!quiet) {
    const shown = fitting(columns, out.columns)
    out.line(out.style('dim', header(shown)))
    for (const result of results) out.line(rowOf(shown, result))
  }
  if (accuracy === null || loss === null) return
  const count = `${finished.length} of ${results.length} seeds`
  paragraph(
    out,
    `${out.style('bold', `test accuracy ${spreadText(accuracy, percent)}`)}, test loss ${spreadText(loss, lossText)}, ${count}`,
  )
  if (!quiet) out.line(`runs in ${shownPath(folder)}`)
}
