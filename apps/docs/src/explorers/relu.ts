import { ReLU } from '@handgrad/layers'
import { cell, type Explorer, type NoOptions } from './explorer.ts'
import { smallNumbers } from './numbers.ts'
import { pass } from './pass.ts'

const shape = [3, 5]

/** ReLU on a few numbers, zeros among them. */
export const relu: Explorer<NoOptions> = {
  id: 'relu',
  options: {},
  inputs: () => ({ x: smallNumbers(shape, 5), dy: smallNumbers(shape, 6) }),
  run({ x, dy }) {
    return pass(new ReLU(), x, dy)
  },
  explain(name, index, tensors) {
    const x = cell(tensors, 'x', index)
    if (name === 'y') {
      const kept = x.value > 0
      const rule = kept ? 'x is above 0: it passes.' : 'x is not above 0: the output is 0.'
      return { rule, terms: [{ factors: [{ name: '1(x > 0)', value: kept ? 1 : 0 }, x] }] }
    }
    if (name !== 'dx') return null
    const rule =
      x.value > 0
        ? 'x is above 0, where the slope is 1: the gradient passes.'
        : x.value < 0
          ? 'x is below 0, where the output does not move: the gradient stops.'
          : 'x is exactly 0, at the corner: there is no slope, and the convention is 0.'
    return {
      rule,
      terms: [{ factors: [cell(tensors, 'dy', index), { name: '1(x > 0)', value: x.value > 0 ? 1 : 0 }] }],
    }
  },
}
