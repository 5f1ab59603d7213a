import type { ModuleSpec } from '../../spec.ts'
import { bench } from '../bench.ts'
import { limit } from './limit.ts'

const right = bench()

/** The spec of a right layer that refuses 3. */
export const spec: ModuleSpec = {
  ...right.spec,
  create: (args, options) => {
    if (args[0] === 3) throw new RangeError('Affine: 3 is odd')
    const layer = right.spec.create(args, options)
    return limit > 0 ? layer : { ...layer, bwd: () => {} }
  },
  errors: [{ name: 'odd', args: [3], message: 'Affine: 3 is odd' }],
}
