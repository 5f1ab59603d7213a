import { Flatten } from '@handgrad/layers'
import { cell, type Explorer, indices, type NoOptions } from './explorer.ts'
import { smallNumbers } from './numbers.ts'
import { pass } from './pass.ts'

const shape = [2, 2, 2, 3]

/** The cell of the image that is element `k` of its row. */
function cellOf(k: number): number[] {
  return [...indices(shape.slice(1))][k]
}

/** Flatten on two tiny images. */
export const flatten: Explorer<NoOptions> = {
  id: 'flatten',
  options: {},
  inputs: () => ({ x: smallNumbers(shape, 31), dy: smallNumbers([2, 12], 32) }),
  run({ x, dy }) {
    return pass(new Flatten(), x, dy)
  },
  explain(name, index, tensors) {
    const [n, ...rest] = index as [number, ...number[]]
    if (name === 'y')
      return {
        rule: 'The same number, under a new index.',
        terms: [{ factors: [cell(tensors, 'x', [n, ...cellOf(rest[0])])] }],
      }
    if (name !== 'dx') return null
    const k = rest.reduce((position, i, axis) => position * shape[axis + 1] + i, 0)
    return {
      rule: 'The gradient of the one number that this cell became.',
      terms: [{ factors: [cell(tensors, 'dy', [n, k])] }],
    }
  },
}
