import type { View } from '../../widgets/explorer/address.ts'
import type { Stage } from '../../workers/protocol.ts'
import { exact, isInside, numbersOf, windowsOf } from '../patch.ts'
import { indexOf } from '../planes.ts'
import { outputsAt, pickOf } from './outputs.ts'
import type { Spot } from './spot.ts'

/** An output sees those beside it. */
const NEIGHBOURS = 2

/** A pooling around a cell. Null where nothing reads the cell, where a window begins in the padding, and for windows that are not square. */
export function openMaxPool2d(spot: Spot): View | null {
  const { side, cell, x, y } = spot
  const { window } = y.reads as Extract<Stage['reads'], { how: 'windows' }>
  const { H, W, Kh, Kw, sh, sw, dh, dw } = window
  const outputs = outputsAt(spot, NEIGHBOURS)
  if (outputs === null || Kh !== Kw || sh !== sw || dh !== dw) return null
  const inputs = windowsOf(outputs, window)
  if (!isInside(inputs, H, W)) return null
  const [channel] = indexOf((side === 'y' ? y : x).value.shape, cell)
  return {
    options: {
      size: inputs.rows.count,
      width: inputs.columns.count,
      kernel: Kh,
      stride: sh,
      padding: 0,
      dilation: dh,
    },
    edited: { x: numbersOf(x.value, channel, inputs), dy: numbersOf(y.gradient, channel, outputs) },
    pick: { name: side, index: pickOf(spot, outputs, inputs) },
    from: { value: exact((side === 'y' ? y.value : x.gradient).data[cell]), whole: 1, parts: [0] },
  }
}
