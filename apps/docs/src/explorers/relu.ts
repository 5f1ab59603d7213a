import { ReLU } from '@handgrad/layers'
import { cell, type Explorer, type OptionValues } from './explorer.ts'
import { smallNumbers } from './numbers.ts'
import { pass } from './pass.ts'

const options = {
  rows: { label: 'rows', min: 1, max: 5, value: 3 },
  columns: { label: 'columns', min: 1, max: 7, value: 5 },
}

const shapeOf = ({ rows, columns }: OptionValues<typeof options>): number[] => [rows, columns]

/** ReLU on a few numbers, zeros among them. */
export const relu: Explorer<typeof options> = {
  id: 'relu',
  options,
  inputs: (values) => ({ x: smallNumbers(shapeOf(values), 5), dy: smallNumbers(shapeOf(values), 6) }),
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
