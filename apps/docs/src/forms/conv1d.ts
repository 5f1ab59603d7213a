import { Conv1d } from '@handgrad/layers'
import type { Forms, Level } from '../lib/forms/forms.ts'
import { links } from '../links/conv1d.ts'
import { numbers, passOf } from './samples.ts'

const plainWindow = { s: 1, d: 1, p: 0 }
const oneGroup = { groups: 1, Cg: 'C', Og: 'O' }
const steps = links.parts!.matrix

const levels: readonly Level[] = [
  {
    name: 'one line, one channel, stride 1',
    fixed: { N: 1, C: 1, O: 1, Cg: 1, Og: 1, groups: 1, ...plainWindow },
    matrix: { steps, fixed: { N: 1, ...oneGroup, ...plainWindow } },
  },
  { name: '+ channels', fixed: { N: 1, ...oneGroup, ...plainWindow } },
  { name: '+ a batch', fixed: { ...oneGroup, ...plainWindow } },
  { name: '+ stride, padding, dilation', fixed: oneGroup },
  { name: '+ groups', fixed: {} },
]

/** From one channel to the general convolution. */
export const forms: Forms = {
  levels,
  sample({ fixed }, matrix) {
    const [N, C, O] = [fixed.N ?? 2, matrix ? 2 : (fixed.C ?? 2), matrix ? 2 : (fixed.O ?? 2)] as number[]
    const window = fixed.s === undefined ? { stride: 2, padding: 1, dilation: 2 } : {}
    const options = { ...window, groups: fixed.groups === undefined ? 2 : 1, dtype: 'float64' as const }
    const layer = new Conv1d(C, O, 3, options)
    return passOf(layer, { x: numbers([N, C, 7]) }, { args: [C, O, 3], options })
  },
}
