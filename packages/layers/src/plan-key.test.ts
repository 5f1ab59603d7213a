import { type BackendName, manualSeed, randn, type Tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { Conv2d } from './conv2d/conv2d.ts'

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
})
