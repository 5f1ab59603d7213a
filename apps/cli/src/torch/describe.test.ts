import {
  Conv1d,
  Conv2d,
  Dropout,
  Flatten,
  type Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from '@handgrad/layers'
import { models } from '@handgrad/trainer'
import { describe, expect, it, test } from 'vitest'
import { layerFromTorch } from './build.ts'
import { networkSource, torchOf } from './describe.ts'

/** Layers, their arguments in torch, and how one writes them there. */
const cases: [Layer, args: Record<string, unknown>, source: string][] = [
  [new Conv2d(1, 8, 3), { in_channels: 1, out_channels: 8, kernel_size: 3 }, 'nn.Conv2d(1, 8, 3)'],
  [
    new Conv2d(4, 6, [3, 5], { stride: [2, 1], padding: [0, 2], dilation: 3, groups: 2, bias: false }),
    {
      in_channels: 4,
      out_channels: 6,
      kernel_size: [3, 5],
      stride: [2, 1],
      padding: [0, 2],
      dilation: 3,
      groups: 2,
      bias: false,
    },
    'nn.Conv2d(4, 6, (3, 5), stride=(2, 1), padding=(0, 2), dilation=3, groups=2, bias=False)',
  ],
  [
    new Conv2d(2, 3, 3, { padding: 'same' }),
    { in_channels: 2, out_channels: 3, kernel_size: 3, padding: 'same' },
    'nn.Conv2d(2, 3, 3, padding="same")',
  ],
  [new Conv1d(1, 8, 3), { in_channels: 1, out_channels: 8, kernel_size: 3 }, 'nn.Conv1d(1, 8, 3)'],
  [
    new Conv1d(4, 6, 5, { stride: 2, padding: 3, dilation: 4, groups: 2, bias: false }),
    {
      in_channels: 4,
      out_channels: 6,
      kernel_size: 5,
      stride: 2,
      padding: 3,
      dilation: 4,
      groups: 2,
      bias: false,
    },
    'nn.Conv1d(4, 6, 5, stride=2, padding=3, dilation=4, groups=2, bias=False)',
  ],
  [
    new Conv1d(2, 3, 1, { padding: 'same' }),
    { in_channels: 2, out_channels: 3, kernel_size: 1, padding: 'same' },
    'nn.Conv1d(2, 3, 1, padding="same")',
  ],
  [new Linear(7, 5), { in_features: 7, out_features: 5 }, 'nn.Linear(7, 5)'],
  [
    new Linear(7, 5, { bias: false }),
    { in_features: 7, out_features: 5, bias: false },
    'nn.Linear(7, 5, bias=False)',
  ],
  [new MaxPool2d(2), { kernel_size: 2 }, 'nn.MaxPool2d(2)'],
  [
    new MaxPool2d([3, 2], { stride: 2, padding: 1, dilation: [1, 2], ceilMode: true }),
    { kernel_size: [3, 2], stride: 2, padding: 1, dilation: [1, 2], ceil_mode: true },
    'nn.MaxPool2d((3, 2), stride=2, padding=1, dilation=(1, 2), ceil_mode=True)',
  ],
  // Its stride is the window's size unless told: 1 is not.
  [new MaxPool2d(3, { stride: 1 }), { kernel_size: 3, stride: 1 }, 'nn.MaxPool2d(3, stride=1)'],
  [new MaxPool2d(3, { stride: 3 }), { kernel_size: 3 }, 'nn.MaxPool2d(3)'],
  [new ReLU(), {}, 'nn.ReLU()'],
  [new Flatten(), {}, 'nn.Flatten()'],
  [
    new Flatten({ startDim: 2, endDim: 3 }),
    { start_dim: 2, end_dim: 3 },
    'nn.Flatten(start_dim=2, end_dim=3)',
  ],
  [new Dropout(0.25), { p: 0.25 }, 'nn.Dropout(0.25)'],
]

describe('a layer as torch.nn has it', () => {
  it.each(cases)('%o', (layer, args, source) => {
    expect(torchOf(layer)).toEqual({ torch: layer.constructor.name, args })
    expect(networkSource(new Sequential(layer), '')).toBe(`nn.Sequential(\n    ${source},\n)`)
    // And back: the same layer.
    const again = layerFromTorch(torchOf(layer), 'float64')
    expect(again.constructor).toBe(layer.constructor)
    expect(torchOf(again)).toEqual(torchOf(layer))
    for (const parameter of again.parameters()) expect(parameter.dtype).toBe('float64')
    expect(again.parameters().map(({ shape }) => shape)).toEqual(layer.parameters().map(({ shape }) => shape))
  })
})

test('a network is a layer a line, each further in', () => {
  expect(networkSource(models['mlp'](), '  ')).toBe(
    'nn.Sequential(\n      nn.Flatten(),\n      nn.Linear(784, 128),\n      nn.ReLU(),\n      nn.Linear(128, 10),\n  )',
  )
})

test('a layer that torch.nn does not have is refused by name', () => {
  class Swish extends ReLU {
    override describe(): string {
      return 'Swish(2)'
    }
  }
  expect(() => torchOf(new Swish())).toThrow('Swish(2) cannot be exported')
  expect(() => networkSource(new Sequential(new Sequential(new ReLU())), '')).toThrow('cannot be exported')
})
