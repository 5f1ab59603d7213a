/** A column of a table: its title, how a row's cell reads, and how wide it is; numbers stand to the right. */
export interface Column<Row> {
  readonly title: string
  readonly width: number
  readonly align?: 'right'
  cell(row: Row): string
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
  return padded.join('  ').trimEnd()
}
