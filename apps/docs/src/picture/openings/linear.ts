import type { View } from '../../widgets/explorer/address.ts'
import { exact } from '../patch.ts'
import { biasOf, largest, weightOf } from '../products.ts'
import type { Spot } from './spot.ts'

/** So many inputs, or outputs, fit the page. */
const INPUTS = 5
const OUTPUTS = 10

const inOrder = (places: readonly number[]): number[] => places.toSorted((a, b) => a - b)

/** A linear layer of the few inputs that give most to an output, or of the outputs that send most back to an input. */
export function openLinear({ side, cell, x, y }: Spot): View {
  const [ins, outs] = [x.value.data.length, y.value.data.length]
  const weight = weightOf(y)
  const inputs =
    side === 'dx'
      ? [cell]
      : inOrder(largest(ins, (k) => weight[cell * ins + k] * x.value.data[k]).slice(0, INPUTS))
  const outputs =
    side === 'y'
      ? [cell]
      : inOrder(largest(outs, (o) => weight[o * ins + cell] * y.gradient.data[o]).slice(0, OUTPUTS))
  const isWhole = inputs.length === ins
  return {
    options: { rows: 1, inFeatures: inputs.length, outFeatures: outputs.length },
    edited: {
      x: inputs.map((k) => exact(x.value.data[k])),
      w: outputs.flatMap((o) => inputs.map((k) => exact(weight[o * ins + k]))),
      b: outputs.map((o) => (isWhole ? exact(biasOf(y, o)) : 0)),
      dy: outputs.map((o) => exact(y.gradient.data[o])),
    },
    pick: { name: side, index: [0, 0] },
    from: {
      value: exact((side === 'y' ? y.value : x.gradient).data[cell]),
      ...(side === 'y' ? { whole: ins, parts: inputs } : { whole: outs, parts: outputs }),
    },
  }
}
