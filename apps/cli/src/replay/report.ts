import { formatShape } from '@handgrad/tensor'
import type { Io } from '../io.ts'
import type { Row } from './compare.ts'
import type { RunRecord } from './record.ts'
import { parts, type Step } from './replay.ts'

const styles = { exact: 'green', close: 'dim', apart: 'red' } as const

const number = (value: number): string => (value === 0 ? '0' : value.toExponential(1))

const columns: readonly (readonly [title: string, cell: (row: Row) => string])[] = [
  ['tensor', ({ tensor }) => tensor],
  ['shape', ({ shape }) => formatShape(shape)],
  ['verdict', ({ verdict }) => verdict],
  ['max difference', ({ difference }) => number(difference)],
  ['allowed', ({ allowed }) => number(allowed)],
  ['scale', ({ scale }) => number(scale)],
  ['flipped', ({ flipped }) => (flipped === 0 ? '' : String(flipped))],
]

/** Prints the tensors of each step, side by side with PyTorch's. */
export function printTable({ out }: Io): (step: Step) => void {
  return ({ step, loss, torchLoss, rows = [] }) => {
    const cells = rows.map((row) => columns.map(([, cell]) => cell(row)))
    const widths = columns.map(([title], i) => Math.max(title.length, ...cells.map((row) => row[i].length)))
    const line = (row: readonly string[]): string =>
      row.map((text, i) => (i < 3 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join('  ')
    out.line(out.style('bold', `step ${step}: loss ${loss}, PyTorch ${torchLoss}`))
    out.line(out.style('dim', line(columns.map(([title]) => title))))
    rows.forEach((row, i) => {
      out.line(out.style(styles[row.verdict], line(cells[i]).trimEnd()))
      if (row.message !== undefined) out.line(out.style('red', `  ${row.message}`))
    })
    out.line()
  }
}

/** Prints how the free run went, and where the two part. */
export function printFree(
  { out }: Io,
  { about }: RunRecord,
  free: readonly Step[],
  inSteps: string | null,
  freely: string | null,
): void {
  const parting = free.findIndex(parts)
  const together = free.slice(0, parting === -1 ? free.length : parting)
  const worst = Math.max(0, ...together.map(({ relative }) => relative))
  out.line(
    `from PyTorch ${about.torch}'s state: ${inSteps === null ? 'every tensor agrees' : `they part at ${inSteps}`}`,
  )
  const course = `${together.length} of ${free.length} steps agree in the loss (largest difference ${number(worst)} of it)`
  out.line(`running freely: ${course}${freely === null ? '' : `; they part at ${freely}`}`)
}
