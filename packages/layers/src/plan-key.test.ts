import { type BackendName, manualSeed, randn, type Tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { Conv2d } from './conv2d/conv2d.ts'
import { Dropout } from './dropout/dropout.ts'
import { Flatten } from './flatten/flatten.ts'
import type { Layer } from './layer.ts'
import { MaxPool2d } from './max-pool2d/max-pool2d.ts'

afterEach(() => useBackend('simd'))

const layer = (): Conv2d => {
  manualSeed(1)
  return new Conv2d(7, 5, 3, { padding: 1 })
}

const images = (shape: readonly number[]): Tensor => {
  manualSeed(2)
  return randn(shape)
}

/** Output and gradients of a pass. */
function pass(conv: Conv2d, shape: readonly number[], backend: BackendName, inputGrad = true) {
  useBackend(backend)
  const x = images(shape)
  const y = conv.forward(x)
  y.g = images(y.shape)
  conv.zeroGrad()
  conv.bwd({ inputGrad })
  return { y: y.data, dx: x.g?.data, dw: conv.weight.g?.data, db: conv.bias?.g?.data }
}

describe('a plan is for one', () => {
  test('backend', () => {
    const conv = layer()
    const fused = pass(conv, [2, 7, 4, 5], 'simd')
    const plain = pass(conv, [2, 7, 4, 5], 'simd-plain')
    expect(plain).toEqual(pass(layer(), [2, 7, 4, 5], 'simd-plain'))
    expect(plain.y).not.toEqual(fused.y)
    expect(plain.dw).not.toEqual(fused.dw)
  })

  test('shape, and not for one of the same elements', () => {
    const conv = layer()
    pass(conv, [2, 7, 4, 5], 'simd')
    for (const shape of [
      [2, 7, 5, 4],
      [1, 7, 4, 10],
      [4, 7, 1, 10],
      [7, 20, 1],
    ]) {
      expect(pass(conv, shape, 'simd')).toEqual(pass(layer(), shape, 'simd'))
    }
  })

  test('way back, with the gradient of the input or without', () => {
    const conv = layer()
    const without = pass(conv, [2, 7, 4, 5], 'simd', false)
    const whole = pass(conv, [2, 7, 4, 5], 'simd')
    expect(without.dx).toBeUndefined()
    expect(whole.dx).toEqual(pass(layer(), [2, 7, 4, 5], 'simd').dx)
    expect(pass(conv, [2, 7, 4, 5], 'simd', false).dx).toBeUndefined()
    expect(whole.dw).toEqual(without.dw)
  })

  // Types forbid it; JavaScript does not.
  test.each<[string, Layer, (layer: never) => void, Layer]>([
    [
      'stride',
      new Conv2d(7, 5, 3),
      (conv: { stride: unknown }) => (conv.stride = [2, 1]),
      new Conv2d(7, 5, 3, { stride: [2, 1] }),
    ],
    [
      'stride, in place',
      new Conv2d(7, 5, 3),
      (conv: { stride: number[] }) => (conv.stride[1] = 2),
      new Conv2d(7, 5, 3, { stride: [1, 2] }),
    ],
    [
      'padding by a word',
      new Conv2d(7, 5, 3, { padding: 'valid' }),
      (conv: { padding: unknown }) => (conv.padding = 'same'),
      new Conv2d(7, 5, 3, { padding: 'same' }),
    ],
    [
      'padding by numbers, then by a word',
      new Conv2d(7, 5, 3, { padding: 0 }),
      (conv: { padding: unknown }) => (conv.padding = 'same'),
      new Conv2d(7, 5, 3, { padding: 'same' }),
    ],
    [
      'window',
      new MaxPool2d(2),
      (pool: { kernelSize: unknown }) => (pool.kernelSize = [3, 2]),
      new MaxPool2d([3, 2], { stride: 2 }),
    ],
    [
      'rounding',
      new MaxPool2d(2),
      (pool: { ceilMode: boolean }) => (pool.ceilMode = true),
      new MaxPool2d(2, { ceilMode: true }),
    ],
    [
      'axes',
      new Flatten(),
      (flatten: { startDim: number }) => (flatten.startDim = 2),
      new Flatten({ startDim: 2 }),
    ],
    ['rate', new Dropout(0.5), (dropout: { p: number }) => (dropout.p = 1), new Dropout(1)],
  ])('%s', (_, changed, change, made) => {
    made.loadStateDict(changed.stateDict())
    const shape = [2, 7, 5, 7]
    const outputs = (one: Layer): Tensor => one.forward(images(shape))
    outputs(changed)
    change(changed as never)
    const [now, expected] = [changed, made].map(outputs)
    expect(now.shape).toEqual(expected.shape)
    expect(now.data).toEqual(expected.data)
  })
})
