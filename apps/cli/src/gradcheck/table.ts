import type { Survey, UlpSummary } from '@handgrad/gradcheck'
import type { Io } from '../io.ts'
import { type Column, header, rowOf } from '../table.ts'

const ulps = ({ median, worst }: Pick<UlpSummary, 'median' | 'worst'>): string =>
  `${median.toFixed(2)} / ${worst.toFixed(2)}`

const columns: readonly Column<Survey>[] = [
  { title: 'layer', width: 17, cell: ({ name }) => name },
  { title: 'verdict', width: 7, cell: ({ passed }) => (passed ? 'right' : 'WRONG') },
  { title: 'cases', width: 5, align: 'right', cell: ({ cases }) => String(cases.length) },
  { title: 'steps', width: 5, align: 'right', cell: ({ steps }) => String(steps.length) },
  { title: 'differenced', width: 11, align: 'right', cell: ({ coordinates }) => String(coordinates) },
  { title: 'kinks', width: 5, align: 'right', cell: ({ skipped }) => String(skipped) },
  { title: 'ULP, ours', width: 13, align: 'right', cell: (row) => ulps(row.ulps.ours) },
  { title: 'PyTorch', width: 13, align: 'right', cell: (row) => ulps(row.ulps.torch) },
  { title: 'ratio', width: 11, align: 'right', cell: ({ ratios }) => ulps(ratios) },
  { title: 'furthest from differences', width: 1, cell: furthest },
]

function furthest({ furthest: at }: Survey): string {
  return at === null
    ? '–'
    : `${at.error.toExponential(1)} at ${at.tensor}[${at.index.join(',')}] of ${at.case}`
}

/** Prints the titles. */
export function printHeader({ out }: Io): void {
  out.line(out.style('dim', header(columns)))
}

/** Prints one row, and below it what is wrong. */
export function printRow({ out }: Io, row: Survey): void {
  out.line(out.style(row.passed ? 'reset' : 'red', rowOf(columns, row)))
  for (const { case: name, view, message } of row.problems) {
    const where = name === null ? '' : `${name}: `
    out.line(out.style('red', `  ${where}${view}: ${message}`))
  }
}

/** Prints the totals in one line. */
export function printTotals({ out }: Io, rows: readonly Survey[]): void {
  const sum = (of: (row: Survey) => number): number => rows.reduce((total, row) => total + of(row), 0)
  const wrong = rows.filter(({ passed }) => !passed).map(({ name }) => name)
  const verdict = wrong.length === 0 ? 'all right' : `wrong: ${wrong.join(', ')}`
  const counts = `${sum(({ coordinates }) => coordinates)} coordinates differenced, ${sum(({ skipped }) => skipped)} skipped as kinks`
  const measures = rows.flatMap(({ cases }) => cases.flatMap((item) => item.measures))
  const floored = measures.filter(({ ours, torch, floor }) => ours <= floor && torch <= floor).length
  out.line(
    out.style(
      'dim',
      `ratio: our float32 error to PyTorch's, where one below a rounding of the summed terms counts as that (a floor): in ${floored} of ${measures.length} measured tensors both`,
    ),
  )
  out.line(`${rows.length} of them, ${sum(({ cases }) => cases.length)} cases, ${counts}; ${verdict}`)
}
