import { around, type Patch, spanOf } from '../patch.ts'
import { indexOf } from '../planes.ts'
import { readersOf } from '../reach.ts'
import type { Spot } from './spot.ts'

/** The outputs that are shown: those around an output, or all that read an input. Null for an input that none reads. */
export function outputsAt({ side, cell, y }: Spot, neighbours: number): Patch | null {
  const { shape, data } = y.value
  const [, , Ho, Wo] = shape
  if (side === 'y') {
    const [, h, v] = indexOf(shape, cell)
    return { rows: around(h, neighbours, Ho), columns: around(v, neighbours, Wo) }
  }
  const readers = readersOf(y.reads!, cell, data.length).map((reader) => indexOf(shape, reader.cell))
  if (readers.length === 0) return null
  return { rows: spanOf(readers.map(([, h]) => h)), columns: spanOf(readers.map(([, , v]) => v)) }
}

/** The index of the cell in the pieces that are shown, each of one channel. */
export function pickOf({ side, cell, x, y }: Spot, outputs: Patch, inputs: Patch): number[] {
  const [shape, { rows, columns }] = side === 'y' ? [y.value.shape, outputs] : [x.value.shape, inputs]
  const [, row, column] = indexOf(shape, cell)
  return [0, row - rows.from, column - columns.from]
}
