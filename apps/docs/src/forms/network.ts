import { tensor } from '@handgrad/tensor'
import { caseOf, spec } from '../../../../packages/trainer/src/network/spec.ts'
import type { Forms, Level } from '../lib/forms/forms.ts'
import { numbers, passOf } from './samples.ts'

/** Some networks of one channel let nothing through; this one does. */
const SEED = 2

const levels: readonly Level[] = [
  { name: 'one image, one channel', fixed: { N: 1, C: 1, C1: 1, C2: 1, F: 'A*B' } },
  { name: '+ channels', fixed: { N: 1 } },
  { name: '+ a batch', fixed: {} },
]

/** From one image and one channel to the whole network. */
export const forms: Forms = {
  levels,
  sample({ fixed }) {
    const isPlain = fixed.C === 1
    // As large as lines that go from every pixel to every cell may be.
    const [C, C1, C2, H, W] = isPlain ? [1, 1, 1, 4, 8] : [2, 2, 3, 4, 6]
    const item = caseOf('', { N: 1, C, H, W, C1, C2, K: 4 })
    const network = spec.create(item.args!, { dtype: 'float64' })
    for (const [i, [, parameter]] of [...network.namedParameters!()].entries())
      parameter.data.set(numbers(parameter.shape, SEED + i).data.map((value) => value / 3))
    return passOf(network, { x: numbers([1, C, H, W]), target: tensor(Int32Array.of(2)) }, item)
  },
}
