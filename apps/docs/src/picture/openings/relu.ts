import type { View } from '../../widgets/explorer/address.ts'
import type { Plain } from '../../workers/protocol.ts'
import { around, exact, numbersOf } from '../patch.ts'
import { indexOf } from '../planes.ts'
import type { Spot } from './spot.ts'

/** So many rows and columns of an image, or so many numbers of a row. */
const SIDE = 3
const LINE = 5

/** Each row of features as an image of one row. */
const asImage = ({ shape, data }: Plain): Plain =>
  shape.length === 4 ? { shape, data } : { shape: [1, 1, 1, data.length], data }

/** A ReLU on a cell and its neighbours. */
export function openReLU({ side, cell, x, y }: Spot): View {
  const [value, upstream] = [asImage(x.value), asImage(y.gradient)]
  const [, , H, W] = value.shape
  const [channel, row, column] = indexOf(value.shape, cell)
  const patch = { rows: around(row, SIDE, H), columns: around(column, H === 1 ? LINE : SIDE, W) }
  return {
    options: { rows: patch.rows.count, columns: patch.columns.count },
    edited: { x: numbersOf(value, channel, patch), dy: numbersOf(upstream, channel, patch) },
    pick: { name: side, index: [row - patch.rows.from, column - patch.columns.from] },
    from: { value: exact((side === 'y' ? y.value : x.gradient).data[cell]), whole: 1, parts: [0] },
  }
}
