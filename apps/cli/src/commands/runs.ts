import { InvalidArgumentError, Option } from 'commander'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import { type Io, userFolder, userPath } from '../io.ts'
import { type Difference, differences } from '../run-list/differences.ts'
import { findRuns } from '../run-list/find-runs.ts'
import { readRun } from '../run-list/read-run.ts'
import { inOrder, type Order, orders, type RunRow, rowOfRun } from '../run-list/rows.ts'
import { type Column, header, printTable, rowOf } from '../table.ts'

interface Options {
  readonly by: Order
  readonly limit?: number
  readonly json: boolean
  readonly quiet: boolean
}

export const command: CommandModule = {
  summary: 'list the runs in a folder, the best first, or say in what two runs differ',
  computes: false,
  define(program) {
    program
      .argument('[folder]', "a folder with runs in it (default: 'runs'), or the word diff")
      .argument('[run]', 'with diff: the folder of a run')
      .argument('[other]', 'with diff: that of another')
      .addOption(new Option('--by <what>', 'what the order goes by').choices(orders).default('validation'))
      .option('--limit <n>', 'so many at most', count)
      .option('--json', 'print one JSON object a run, or one for diff', false)
      .addHelpText('after', help)
  },
  async run({ options, args, io }) {
    const own = options as unknown as Options
    if (args[0] === 'diff') return diff(args.slice(1), own, io)
    if (args.length > 1)
      throw new CliError(
        `runs takes one folder, or diff and two of them; got ${args.join(' ')}`,
        exitCodes.usage,
      )
    return list(userPath(args[0] ?? 'runs'), own, io)
  },
}

function count(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number, 1 or more')
}

async function list(folder: string, { by, limit, json, quiet }: Options, { out, err }: Io): Promise<number> {
  const { runs, unreadable } = await findRuns(folder)
  const all = runs.map((run) => rowOfRun(run, userFolder()))
  const rows = inOrder(all, by).slice(0, limit)
  if (json) for (const row of rows) out.line(JSON.stringify(row))
  else if (quiet) for (const { run } of rows) out.line(run)
  else if (rows.length > 0) printTable(out, columnsFor(rows), rows)
  for (const { path, why } of unreadable) err.line(`left out ${path}: ${why}`)
  if (runs.length > 0) return exitCodes.ok
  throw new CliError(`${folder}: no run is in it`)
}

const percent = (share: number | null): string => (share === null ? '' : `${(100 * share).toFixed(2)} %`)
const loss = (value: number | null): string => (value === null ? '' : value.toFixed(4))

function columnsFor(rows: readonly RunRow[]): readonly Column<RunRow>[] {
  const widest = (title: string, cell: (row: RunRow) => string): number =>
    Math.max(title.length, ...rows.map((row) => cell(row).length))
  const fitted = (title: string, cell: (row: RunRow) => string): Column<RunRow> => ({
    title,
    cell,
    width: widest(title, cell),
  })
  const right = (title: string, cell: (row: RunRow) => string): Column<RunRow> => ({
    ...fitted(title, cell),
    align: 'right',
  })
  return [
    { ...fitted('run', ({ run }) => run), keep: true },
    fitted('model', ({ model }) => model),
    fitted('dataset', ({ dataset }) => dataset),
    right('seed', ({ seed }) => String(seed ?? '')),
    right('epochs', ({ epochs, of }) => (of === null || of === epochs ? String(epochs) : `${epochs}/${of}`)),
    right('best', ({ bestEpoch }) => String(bestEpoch ?? '')),
    { ...right('validation', ({ validationAccuracy }) => percent(validationAccuracy)), keep: true },
    right('loss', ({ validationLoss }) => loss(validationLoss)),
    right('test', ({ testAccuracy }) => percent(testAccuracy)),
    right('seconds', ({ seconds }) => seconds.toFixed(1)),
  ]
}

async function diff(paths: readonly string[], { json, quiet }: Options, { out }: Io): Promise<number> {
  if (paths.length !== 2)
    throw new CliError(`runs diff takes the folders of two runs, got ${paths.length}`, exitCodes.usage)
  const [a, b] = await Promise.all(paths.map((path) => readRun(userPath(path))))
  const found = differences(a, b)
  if (json) {
    out.line(JSON.stringify({ a: a.path, b: b.path, ...found }))
    return exitCodes.ok
  }
  const all = [...found.settings, ...found.results]
  if (all.length === 0) {
    out.line('nothing differs')
    return exitCodes.ok
  }
  if (quiet) {
    for (const { what } of all) out.line(what)
    return exitCodes.ok
  }
  const shown = (value: unknown): string => (value === undefined ? '(none)' : JSON.stringify(value))
  const width = (cells: readonly string[]): number => Math.max(...cells.map(({ length }) => length))
  const columns: readonly Column<Difference>[] = [
    { title: '', width: width(all.map(({ what }) => what)), cell: ({ what }) => what },
    {
      title: paths[0],
      width: width([paths[0], ...all.map((one) => shown(one.a))]),
      cell: (one) => shown(one.a),
    },
    {
      title: paths[1],
      width: width([paths[1], ...all.map((one) => shown(one.b))]),
      cell: (one) => shown(one.b),
    },
  ]
  out.line(out.style('dim', header(columns)))
  for (const one of found.settings) out.line(rowOf(columns, one))
  if (found.settings.length > 0 && found.results.length > 0) out.line()
  for (const one of found.results) out.line(rowOf(columns, one))
  return exitCodes.ok
}

const help = `
best is the epoch with the lowest loss on the validation part; validation and loss are of that epoch.

Examples:
  handgrad runs
  handgrad runs experiments --by test --limit 5
  handgrad runs diff runs/seed-1 runs/seed-2
`
