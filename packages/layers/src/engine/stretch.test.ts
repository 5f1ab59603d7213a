import { backends, ones, tensor, useBackend } from '@handgrad/tensor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Linear, ReLU, Sequential } from '../index.ts'

beforeAll(() => useBackend(backends().at(-1)!))
afterAll(() => useBackend('reference'))

test.each([true, false])(
  'a layer that gets code of its own behind forward goes back by it; dx: %s',
  (inputGrad) => {
    const layers = [new Linear(2, 2), new ReLU(), new Linear(2, 1)] as const
    const net = new Sequential(...layers)
    layers[0].weight.data.set([1, 0, 0, 1])
    layers[0].bias!.data.fill(0)
    layers[2].weight.data.set([3, 5])
    const x = tensor([[1, 2]])
    const y = net.forward(x)
    y.g = ones([1, 1])
    const asked: unknown[] = []
    for (const layer of layers) {
      const bwd = layer.bwd.bind(layer)
      layer.bwd = (options) => {
        asked.push([layer, options])
        bwd(options)
      }
    }
    net.backward({ inputGrad })
    expect(asked).toEqual([
      [layers[2], { inputGrad: true }],
      [layers[1], { inputGrad: true }],
      [layers[0], { inputGrad }],
    ])
    expect(x.g?.toArray() ?? null).toEqual(inputGrad ? [[3, 5]] : null)
    expect(layers[0].weight.g!.toArray()).toEqual([
      [3, 6],
      [5, 10],
    ])
    expect(layers[2].weight.g!.toArray()).toEqual([[1, 2]])
  },
)
