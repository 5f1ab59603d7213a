import { defaultGenerator, Generator, manualSeed } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import type { Sequential } from './containers/sequential.ts'
import { lenet5 } from './models/lenet5.ts'
import { mlp } from './models/mlp.ts'
import { seed } from './models/seed.ts'
import { wide } from './models/wide.ts'

/** Layer by layer, with what each makes of an image of 28 × 28; the parameters are those of the pictures in books. */
const models: [string, typeof seed, number, [layer: string, shape: string][]][] = [
  [
    'seed',
    seed,
    8 * 9 + 8 + 16 * 8 * 9 + 16 + 7840 + 10,
    [
      ['Conv2d(1→8, 3×3)', '8,28,28'],
      ['ReLU()', '8,28,28'],
      ['MaxPool2d(2×2)', '8,14,14'],
      ['Conv2d(8→16, 3×3)', '16,14,14'],
      ['ReLU()', '16,14,14'],
      ['MaxPool2d(2×2)', '16,7,7'],
      ['Flatten(1, -1)', '784'],
      ['Linear(784→10)', '10'],
    ],
  ],
  [
    'wide',
    wide,
    32 * 9 + 32 + 64 * 32 * 9 + 64 + 31360 + 10,
    [
      ['Conv2d(1→32, 3×3)', '32,28,28'],
      ['ReLU()', '32,28,28'],
      ['MaxPool2d(2×2)', '32,14,14'],
      ['Conv2d(32→64, 3×3)', '64,14,14'],
      ['ReLU()', '64,14,14'],
      ['MaxPool2d(2×2)', '64,7,7'],
      ['Flatten(1, -1)', '3136'],
      ['Linear(3136→10)', '10'],
    ],
  ],
  [
    'lenet5',
    lenet5,
    6 * 25 + 6 + 16 * 6 * 25 + 16 + 48120 + 10164 + 850,
    [
      ['Conv2d(1→6, 5×5)', '6,28,28'],
      ['ReLU()', '6,28,28'],
      ['MaxPool2d(2×2)', '6,14,14'],
      ['Conv2d(6→16, 5×5)', '16,10,10'],
      ['ReLU()', '16,10,10'],
      ['MaxPool2d(2×2)', '16,5,5'],
      ['Flatten(1, -1)', '400'],
      ['Linear(400→120)', '120'],
      ['ReLU()', '120'],
      ['Linear(120→84)', '84'],
      ['ReLU()', '84'],
      ['Linear(84→10)', '10'],
    ],
  ],
  [
    'mlp',
    mlp,
    784 * 128 + 128 + 1280 + 10,
    [
      ['Flatten(1, -1)', '784'],
      ['Linear(784→128)', '128'],
      ['ReLU()', '128'],
      ['Linear(128→10)', '10'],
    ],
  ],
]

describe.each(models)('%s', (_, make, count, layers) => {
  test('is these layers, with so many parameters', () => {
    const net: Sequential = make()
    let shape: readonly number[] = [3, 1, 28, 28]
    const came = net.layers.map((layer): [string, string] => {
      shape = layer.outputShape(shape)
      return [layer.describe(), shape.slice(1).join()]
    })
    expect(came).toEqual(layers)
    expect(net.parameters().reduce((sum, { data }) => sum + data.length, 0)).toBe(count)
  })

  test('draws from the default generator, or from the one that is given', () => {
    manualSeed(3)
    const net = make()
    const after = defaultGenerator.getState()
    const generator = new Generator(3)
    const own = make({ generator })
    expect(own.parameters().map(({ data }) => data)).toEqual(net.parameters().map(({ data }) => data))
    expect(defaultGenerator.getState()).toEqual(after)
    expect(generator.getState()).toEqual(after)
  })

  test('is of float64 in every layer on request', () => {
    const types = (net: Sequential): Set<string> => new Set(net.parameters().map(({ dtype }) => dtype))
    expect([...types(make())]).toEqual(['float32'])
    expect([...types(make({ dtype: 'float64' }))]).toEqual(['float64'])
  })
})
