import { Dropout } from '@handgrad/layers'
import { Generator, ones } from '@handgrad/tensor'
import { cell, type Explorer, type OptionValues } from './explorer.ts'
import { smallNumbers } from './numbers.ts'
import { pass } from './pass.ts'

const options = {
  percent: { label: 'p in %', min: 0, max: 90, value: 50 },
  seed: { label: 'seed', min: 0, max: 99, value: 0 },
  training: { label: 'training (1) or evaluation (0)', min: 0, max: 1, value: 1 },
}
type Values = OptionValues<typeof options>
const shape = [3, 6]

function layerOf({ percent, seed, training }: Values): Dropout {
  return new Dropout(percent / 100, { generator: new Generator(seed) }).train(training === 1)
}

/** Dropout on a few numbers. */
export const dropout: Explorer<typeof options> = {
  id: 'dropout',
  options,
  inputs: () => ({ x: smallNumbers(shape, 41), dy: smallNumbers(shape, 42) }),
  run({ x, dy }, values) {
    // The mask is what the same draw makes of ones.
    const m = layerOf(values).forward(ones(shape, { dtype: 'float64' }))
    return { m, ...pass(layerOf(values), x, dy) }
  },
  explain(name, index, tensors) {
    if (name !== 'y' && name !== 'dx') return null
    const m = cell(tensors, 'm', index)
    const rule =
      m.value === 0
        ? 'This cell is dropped: nothing passes, in either direction.'
        : 'This cell is kept, and scaled.'
    return { rule, terms: [{ factors: [cell(tensors, name === 'y' ? 'x' : 'dy', index), m] }] }
  },
}
