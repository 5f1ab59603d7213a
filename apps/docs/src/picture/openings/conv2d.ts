import type { View } from '../../widgets/explorer/address.ts'
import type { Stage } from '../../workers/protocol.ts'
import { exact, numbersOf, type Patch, windowsOf } from '../patch.ts'
import { indexOf } from '../planes.ts'
import { biasOf, largest, weightAt, weightOf } from '../products.ts'
import { inputsOf, readersOf } from '../reach.ts'
import { outputsAt, pickOf } from './outputs.ts'
import type { Spot } from './spot.ts'

type Windows = Extract<Stage['reads'], { how: 'windows' }>

/** An output sees its neighbours. */
const NEIGHBOURS = 3

/** By input channel, that channel's part of the output. */
function valueParts({ cell, x, y }: Spot): number[] {
  const [output] = indexOf(y.value.shape, cell)
  const weight = weightOf(y)
  const parts: number[] = []
  for (const tie of inputsOf(y.reads!, cell, x.value.data.length)) {
    const [c] = indexOf(x.value.shape, tie.cell)
    parts[c] = (parts[c] ?? 0) + weight[weightAt(y, output, tie.cell, tie.tap)] * x.value.data[tie.cell]
  }
  return parts
}

/** By output channel, that channel's part of the gradient of the input. */
function gradientParts({ cell, y }: Spot): number[] {
  const weight = weightOf(y)
  const parts: number[] = []
  for (const tie of readersOf(y.reads!, cell, y.value.data.length)) {
    const [o] = indexOf(y.value.shape, tie.cell)
    parts[o] = (parts[o] ?? 0) + weight[weightAt(y, o, cell, tie.tap)] * y.gradient.data[tie.cell]
  }
  return parts
}

/** The channel that gives most, of those that give anything. */
const most = (parts: readonly number[]): number =>
  largest(parts.length, (channel) => parts[channel] ?? 0).find((channel) => channel in parts)!

function viewOf(spot: Spot, outputs: Patch, [c, o]: readonly [number, number]): View {
  const { side, cell, x, y } = spot
  const { window, inChannels, outChannels, groups } = y.reads as Windows
  const { Kh, Kw, sh, dh } = window
  const inputs = windowsOf(outputs, window)
  const [whole, part] = side === 'y' ? [inChannels / groups, c] : [outChannels / groups, o]
  const from = weightAt(y, o, c * window.H * window.W, 0)
  return {
    options: {
      size: inputs.rows.count,
      width: inputs.columns.count,
      inChannels: 1,
      outChannels: 1,
      kernel: Kh,
      stride: sh,
      padding: 0,
      dilation: dh,
    },
    edited: {
      x: numbersOf(x.value, c, inputs),
      w: Array.from(weightOf(y).subarray(from, from + Kh * Kw), exact),
      b: [inChannels === groups ? exact(biasOf(y, o)) : 0],
      dy: numbersOf(y.gradient, o, outputs),
    },
    pick: { name: side, index: pickOf(spot, outputs, inputs) },
    from: { value: exact((side === 'y' ? y.value : x.gradient).data[cell]), whole, parts: [part] },
  }
}

/**
 * A convolution around a cell, of the one channel on the other side that gives most. Null where nothing reads the cell, and for
 * kernels that are not square, which the page does not have.
 */
export function openConv2d(spot: Spot): View | null {
  const { Kh, Kw, sh, sw, dh, dw } = (spot.y.reads as Windows).window
  const outputs = outputsAt(spot, NEIGHBOURS)
  if (outputs === null || Kh !== Kw || sh !== sw || dh !== dw) return null
  const [own] = indexOf((spot.side === 'y' ? spot.y : spot.x).value.shape, spot.cell)
  const other = most(spot.side === 'y' ? valueParts(spot) : gradientParts(spot))
  return viewOf(spot, outputs, spot.side === 'y' ? [other, own] : [own, other])
}
