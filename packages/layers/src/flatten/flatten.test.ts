import { backends, randn, Tensor, useBackend } from '@handgrad/tensor'
import { afterEach, expect, test } from 'vitest'
import { Conv2d, kernelPlan, Linear, Sequential } from '../index.ts'
import { Flatten } from './flatten.ts'

afterEach(() => useBackend('reference'))

test.each(backends())('on %s neither output nor gradient is the memory that was given', (backend) => {
  useBackend(backend)
  const layer = new Flatten()
  const x = randn([2, 3, 4])
  const y = layer.forward(x)
  expect([y.shape, [...y.data]]).toEqual([[2, 12], [...x.data]])
  x.data.fill(7)
  expect(y.data.includes(7)).toBe(false)
  const dy = randn([2, 12])
  y.g = dy
  layer.bwd()
  expect([x.g!.shape, [...x.g!.data]]).toEqual([[2, 3, 4], [...dy.data]])
  x.g!.data.fill(7)
  expect(dy.data.includes(7)).toBe(false)
})

test('whole numbers are refused', () => {
  expect(() => new Flatten().outputShape([2, 3, 4], 'int32' as never)).toThrow('int32')
})

/** Which of two layers in a row have kernels, for an input of `shape`. */
function planned(flatten: Flatten, shape: readonly number[]): boolean {
  useBackend(backends().at(-1)!)
  const net = new Sequential(new Conv2d(1, 4, 1), flatten)
  return kernelPlan(net, shape)[1].kernel !== 'reference'
}

test('one with kernels joins all axes of a sample, and those alone', () => {
  const images = [2, 1, 3, 5]
  for (const flatten of [
    new Flatten(),
    new Flatten({ startDim: 1 }),
    new Flatten({ startDim: 1, endDim: -1 }),
    new Flatten({ startDim: 1, endDim: 3 }),
  ])
    expect(planned(flatten, images), flatten.describe()).toBe(true)
  for (const flatten of [
    new Flatten({ startDim: 0 }),
    new Flatten({ startDim: 2 }),
    new Flatten({ startDim: 0, endDim: 3 }),
    new Flatten({ startDim: 1, endDim: 2 }),
    new Flatten({ startDim: 1, endDim: -2 }),
  ])
    expect(planned(flatten, images), flatten.describe()).toBe(false)
})

test('of rows the last axis is the second: a third is refused as by the layer alone', () => {
  for (const backend of backends()) {
    useBackend(backend)
    const net = new Sequential(new Linear(3, 4), new Flatten({ startDim: 1, endDim: 3 }))
    expect(() => net.forward(randn([2, 3]))).toThrow('axis 3 is out of range')
    const fine = new Sequential(new Linear(3, 4), new Flatten({ startDim: 1, endDim: -1 }))
    expect(fine.forward(randn([2, 3])).shape).toEqual([2, 4])
  }
})

test('features behind a convolution whose channels do not fill their vectors are in their order', () => {
  const [conv, linear] = [new Conv2d(1, 3, 2), new Linear(18, 2)]
  // Places between the channels have no weight: an infinite one stands beside them.
  linear.weight.data[1] = Infinity
  const net = new Sequential(conv, new Flatten(), linear)
  const x = randn([5, 1, 3, 4])
  const dy = randn([5, 2])
  const [expected, ...came] = backends().map((backend) => {
    useBackend(backend)
    const input = new Tensor<'float32'>(x.data.slice(), x.shape)
    net.zeroGrad()
    const y = net.forward(input)
    y.g = dy
    net.backward({ inputGrad: false })
    return [y.data, linear.weight.g!.data, linear.bias!.g!.data].map((values) => [...values])
  })
  for (const values of came) {
    for (const [row, numbers] of values.entries())
      for (const [i, value] of numbers.entries()) {
        const right = expected[row][i]
        if (Number.isFinite(right)) expect(value).toBeCloseTo(right, 4)
        else expect(value).toBe(right)
      }
  }
  expect(expected[0].filter((value) => !Number.isFinite(value))).toHaveLength(5)
})
