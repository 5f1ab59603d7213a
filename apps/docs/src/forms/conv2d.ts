import { Conv2d } from '@handgrad/layers'
import type { Forms, Level } from '../lib/forms/forms.ts'
import { links } from '../links/conv2d.ts'
import { numbers, passOf } from './samples.ts'

const plainWindow = { sh: 1, sw: 1, eh: 1, ew: 1, ph: 0, pw: 0 }
const oneGroup = { groups: 1, Cg: 'C', Og: 'O' }
const steps = links.parts!.matrix

const levels: readonly Level[] = [
  {
    name: 'one image, one channel, stride 1',
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
    const window = fixed.sh === undefined ? { stride: [2, 1], padding: [0, 1], dilation: [1, 2] } : {}
    const options = { ...window, groups: fixed.groups === undefined ? 2 : 1, dtype: 'float64' as const }
    const layer = new Conv2d(C, O, [2, 3], options as object)
    return passOf(layer, { x: numbers([N, C, 4, 5]) }, { args: [C, O, [2, 3]], options })
  },
}
