import { backends, useBackend } from '@handgrad/tensor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Conv1d, Conv2d, type Layer, Linear, MaxPool2d, ReLU } from '../index.ts'
import { chainOf } from './compile.ts'
import { guardOf } from './guards.ts'
import { batchOf } from './images.ts'

beforeAll(() => useBackend(backends().at(-1)!))
afterAll(() => useBackend('reference'))

/** A ReLU whose mathematics is somebody else's. */
const ownReLU = (): ReLU => {
  const layer = new ReLU()
  layer.forward = (x) => x
  return layer
}

const notesOf = (layers: readonly Layer[], shape: readonly number[]): (string | undefined)[] | null => {
  const chain = chainOf(layers, shape, true)
  return chain && layers.slice(0, chain.count).map((layer) => chain.compiler.notes.get(layer))
}

test('layers behind one may be folded into it, up to the first that runs code of its own', () => {
  const conv = (): Conv2d => new Conv2d(1, 8, 3, { padding: 1 })
  const shape = [2, 1, 8, 8]
  const [, relu, pool] = notesOf([conv(), new ReLU(), new MaxPool2d(2)], shape)!
  expect([relu, pool]).toEqual(['in the layer before', 'in the layer before'])
  const alone = notesOf([conv(), ownReLU(), new MaxPool2d(2)], shape)
  expect(alone).toHaveLength(1)
  const before = notesOf([conv(), new ReLU(), ownReLU()], shape)
  expect(before).toHaveLength(2)
  // One's own code before them changes nothing for those behind it.
  expect(notesOf([ownReLU(), conv()], shape)).toBe(null)
})

test('all that was written down is known and guarded, what was folded too', () => {
  const layers = [new Conv2d(1, 8, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new ReLU()]
  const { compiler } = chainOf(layers, [2, 1, 8, 8], true)!
  expect(compiler.members).toEqual(layers)
  const holds = (): boolean => compiler.guards.every((guard) => guard())
  for (const layer of layers) {
    expect(holds()).toBe(true)
    layer.forward = (x) => x
    expect(holds()).toBe(false)
    Reflect.deleteProperty(layer, 'forward')
  }
  expect(holds()).toBe(true)
})

test('a guard is for the very parameters, mode and sizes that were written down', () => {
  const layer = new Conv2d(2, 3, 1)
  const now = layer as unknown as Record<string, unknown>
  const guard = guardOf(layer)
  expect(guard()).toBe(true)
  for (const [name, other] of Object.entries({
    weight: new Conv2d(2, 3, 1).weight,
    bias: null,
    training: false,
    groups: 2,
    padding: 'same',
    stride: [1, 2],
    dilation: [2, 1],
  })) {
    const before = now[name]
    now[name] = other
    expect(guard(), name).toBe(false)
    now[name] = before
    expect(guard(), name).toBe(true)
  }
  // Parameters that no member has, as those of a private field.
  for (const parameters of [new Conv2d(2, 3, 1).parameters(), [layer.weight, new Conv2d(2, 3, 1).bias!]]) {
    layer.parameters = () => parameters
    expect(guard()).toBe(false)
  }
  Reflect.deleteProperty(layer, 'parameters')
  layer.weight.data.fill(1)
  layer.weight.g = layer.weight.clone()
  expect(guard()).toBe(true)
})

test('nothing is written down for no sample, or for what is neither images nor rows', () => {
  expect(chainOf([new Linear(3, 2), new ReLU()], [0, 3], false)).toBe(null)
  expect(chainOf([new Linear(3, 2), new ReLU()], [1, 3], false)!.count).toBe(2)
  const relu = [new ReLU()]
  expect(batchOf(relu, [2, 3, 4, 5])).toEqual({ N: 2, C: 3, H: 4, W: 5, rank: 4 })
  expect(batchOf(relu, [2, 3])).toEqual({ N: 2, C: 3, H: 1, W: 1, rank: 2 })
  const lines = [new ReLU(), new Conv1d(3, 2, 3)]
  expect(batchOf(lines, [2, 3, 4])).toEqual({ N: 2, C: 3, H: 1, W: 4, rank: 3 })
  for (const shape of [[], [3], [2, 3, 4], [1, 2, 3, 4, 5]]) expect(batchOf(relu, shape)).toBe(null)
})
