import { MaxPool2d } from '@handgrad/layers'
import { derivation } from '../../../../packages/layers/src/max-pool2d/derivation.ts'
import type { Forms, Level } from '../lib/forms/forms.ts'
import { numbers, passOf } from './samples.ts'

const pairs = { N: 1, C: 1, Kh: 2, Kw: 2, sh: 2, sw: 2, eh: 1, ew: 1, ph: 0, pw: 0 }
/** A window without padding lies in the image. */
const inside = /\((.*)\) \?/.exec(derivation.steps.find(({ id }) => id === 'unfold')!.equation)![1]

const levels: readonly Level[] = [
  { name: 'one image, one channel, windows of 2 × 2 side by side', fixed: pairs, facts: [inside] },
  { name: '+ channels, a batch', fixed: { ...pairs, N: 'N', C: 'C' }, facts: [inside] },
  { name: '+ any window, stride, padding, dilation', fixed: {} },
]

/** From windows side by side to any. */
export const forms: Forms = {
  levels,
  sample({ fixed }) {
    const options = fixed.sh === undefined ? { stride: [2, 1], padding: 1, dilation: [1, 2] } : {}
    const kernel = fixed.sh === undefined ? [3, 2] : 2
    const shape = fixed.N === 1 ? [1, 1, 6, 4] : [2, 2, 4, 4]
    const layer = new MaxPool2d(kernel as number, options as object)
    return passOf(layer, { x: numbers(shape) }, { args: [kernel], options })
  },
}
