import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { tensor } from '@handgrad/tensor'
import type { Forms, Level } from '../lib/forms/forms.ts'
import { numbers, passOf } from './samples.ts'

const plain = { s: 0, wt: 1, classes: 1, mean: 1, single: 1, plain: 1, top: 0 }
const facts = ['t[n,d] != g']

const levels: readonly Level[] = [
  { name: 'one sample, one right class', fixed: { ...plain, N: 1, D: 1 }, facts },
  { name: '+ a batch', fixed: { ...plain, D: 1 }, facts },
  {
    name: '+ places, class weights, smoothing, ignored samples',
    fixed: { classes: 1, mean: 1, single: 1, top: 0, plain: 0 },
  },
]

/** From one sample to all options; other reductions are in the derivation itself. */
export const forms: Forms = {
  levels,
  sample({ fixed }) {
    const options = fixed.plain === 1 ? {} : { labelSmoothing: 0.1, ignoreIndex: 1 }
    const [N, D] = [fixed.N ?? 3, fixed.D ?? 2] as [number, number]
    const shape = D === 1 ? [N, 4] : [N, 4, D]
    const weight = fixed.plain === 1 ? {} : { weight: tensor(Float64Array.of(1, 2, 0.5, 3)) }
    const target = tensor(
      Int32Array.from({ length: N * D }, (_, i) => (3 * i + 2) % 4),
      D === 1 ? [N] : [N, D],
    )
    const loss = new CrossEntropyLoss({ ...options, ...weight })
    const { item, values } = passOf(loss, { x: numbers(shape), target }, { options })
    return { item, values: 'weight' in weight ? { ...values, 'tensor.weight': weight.weight } : values }
  },
}
