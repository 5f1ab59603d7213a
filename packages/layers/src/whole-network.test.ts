import { blocksTaken, manualSeed, rand, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from './index.ts'

afterEach(() => useBackend('simd'))

function setting() {
  manualSeed(1)
  const net = new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(48, 3),
  )
  const x = rand([5, 1, 8, 6])
  const dy = rand([5, 3])
  const forward = () => {
    const y = net.forward(x)
    y.g = dy
    return y
  }
  const gradients = (): number[][] => net.namedParameters().map(([, { g }]) => [...g!.data])
  return { net, x, forward, gradients }
}

describe.each(['simd-plain', 'simd'] as const)('%s', (backend) => {
  test('forward and way back are one program of all layers, which is in memory once', () => {
    useBackend(backend)
    const { net, forward } = setting()
    const before = blocksTaken()
    forward()
    // What is fixed, scratch and the gradients' slots; layer by layer it would be so many for each.
    expect(blocksTaken() - before).toBe(3)
    for (const inputGrad of [true, false]) {
      net.backward({ inputGrad })
      forward()
    }
    expect(blocksTaken() - before).toBe(3)
  })

  test('gives what reference gives layer by layer', () => {
    const results = [backend, 'reference' as const].map((name) => {
      useBackend(name)
      const { net, x, forward, gradients } = setting()
      const y = forward()
      net.backward()
      return [[...y.data], [...x.g!.data], ...gradients()]
    })
    for (const [i, numbers] of results[0].entries())
      expect(numbers).toEqual(results[1][i].map((value) => expect.closeTo(value, 5) as unknown))
  })

  test('a second way back adds exactly once more, and leaves out dx where that is not wanted', () => {
    useBackend(backend)
    const { net, x, forward, gradients } = setting()
    forward()
    net.backward({ inputGrad: false })
    expect(x.g).toBe(null)
    const once = gradients()
    net.backward()
    expect(gradients()).toEqual(once.map((numbers) => numbers.map((value) => 2 * value)))
    expect(x.g!.data.some((value) => value !== 0)).toBe(true)
  })
})
