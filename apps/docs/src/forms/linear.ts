import { Linear } from '@handgrad/layers'
import type { Forms, Level } from '../lib/forms/forms.ts'
import { links } from '../links/linear.ts'
import { numbers, passOf } from './samples.ts'

const levels: readonly Level[] = [
  { name: 'one sample', fixed: { M: 1 }, matrix: { steps: links.parts!.matrix, fixed: {} } },
  { name: '+ a batch', fixed: {} },
]

/** From one row to many. */
export const forms: Forms = {
  levels,
  sample({ fixed }, matrix) {
    const rows = matrix ? 3 : (fixed.M ?? 3)
    return passOf(new Linear(4, 5, { dtype: 'float64' }), { x: numbers([rows as number, 4]) })
  },
}
