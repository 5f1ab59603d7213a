import type { ProgramBuffer, ProgramData, ProgramStep } from './program-data.ts'

const number = (value: number): string => value.toLocaleString('en')
const many = (value: number, thing: string): string => `${number(value)} ${thing}${value === 1 ? '' : 's'}`

/**
 * A program as lines of text. Buffers are named `#0`, `#1`, …, as listed at the end.
 * @internal
 */
export function programLines(data: ProgramData): string[] {
  const { samples, shards, micro, prepare, phases, buffers, bytes } = data
  const steps = (title: string, list: readonly ProgramStep[]): string[] =>
    list.length === 0 ? [] : [title, ...table(list.map(cellsOf)).map((line) => `  ${line}`)]
  return [
    `program of ${many(samples, 'sample')} in ${many(shards, 'shard')}, at most ${number(micro)} at a time`,
    `  ${many(bytes.fixed, 'byte')}, ${number(bytes.kept)} of them kept; a thread ${number(bytes.scratch)}, a shard ${number(bytes.slot)}`,
    ...steps('once a batch, first', prepare).map((line) => `  ${line}`),
    ...phases.flatMap(({ of, begin, body, end }, i) => [
      `  phase ${i + 1}, ${of}`,
      ...[
        ...steps('once a shard', begin),
        ...steps('each micro-batch', body),
        ...steps('once a batch, when all shards are there', end),
      ].map((line) => `    ${line}`),
    ]),
    '  buffers',
    ...table(buffers.map(bufferCells)).map((line) => `    ${line}`),
  ]
}

function cellsOf({ kernel, layer, args }: ProgramStep): string[] {
  const places = args.flatMap((arg) => (typeof arg === 'object' ? [`#${arg.buffer}`] : []))
  return [kernel, layer === null ? '' : layer, [...new Set(places)].join(' ')]
}

function bufferCells({ kind, space, bytes, perSample, kept, layer }: ProgramBuffer, i: number): string[] {
  const each = perSample === null ? '' : `${number(perSample)} a sample`
  return [`#${i}`, space, kind, many(bytes, 'byte'), each, kept ? 'kept' : '', layer === null ? '' : layer]
}

/** Rows with columns of equal width, those that are empty left out. */
function table(rows: readonly (readonly string[])[]): string[] {
  const columns = rows[0].map((_, i) => rows.map((row) => row[i])).filter((cells) => cells.some(Boolean))
  const padded = columns.map((cells) => {
    const width = Math.max(...cells.map(({ length }) => length))
    return cells.map((cell) => cell.padEnd(width))
  })
  return rows.map((_, i) =>
    padded
      .map((cells) => cells[i])
      .join('  ')
      .trimEnd(),
  )
}
