import type { Channel } from './io.ts'

/** A column of a table: its title, how a row's cell reads, and how wide it is; numbers stand to the right. */
export interface Column<Row> {
  readonly title: string
  readonly width: number
  readonly align?: 'right'
  /** Where there is no room for all columns, those that say so stay longest. */
  readonly keep?: boolean
  cell(row: Row): string
}

/** What stands between two columns. */
const GAP = '  '

/** The columns that fit in so many characters: others are left out from the right, those to keep last of all. */
export function fitting<Row>(columns: readonly Column<Row>[], width: number): readonly Column<Row>[] {
  const needed = columns.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length)
  if (needed <= width || columns.length < 2) return columns
  const last = columns.findLastIndex(({ keep = false }) => !keep)
  const out = last < 0 ? columns.length - 1 : last
  return fitting(columns.toSpliced(out, 1), width)
}

/** Prints a table: its titles and its rows. On a terminal, columns that do not fit are left out. */
export function printTable<Row>(out: Channel, columns: readonly Column<Row>[], rows: readonly Row[]): void {
  const shown = out.live ? fitting(columns, out.columns) : columns
  out.line(out.style('dim', header(shown)))
  for (const row of rows) out.line(rowOf(shown, row))
}

/** The columns' titles on one line. */
export function header<Row>(columns: readonly Column<Row>[]): string {
  return line(
    columns,
    columns.map(({ title }) => title),
  )
}

/** A row's cells on one line. */
export function rowOf<Row>(columns: readonly Column<Row>[], row: Row): string {
  return line(
    columns,
    columns.map((column) => column.cell(row)),
  )
}

function line(columns: readonly Column<never>[], cells: readonly string[]): string {
  const padded = columns.map(({ width, align }, i) =>
    align === 'right' ? cells[i].padStart(width) : cells[i].padEnd(width),
  )
  return padded.join(GAP).trimEnd()
}
