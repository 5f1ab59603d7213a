import { defaultGenerator, Generator, manualSeed } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { Conv1d } from './conv1d/conv1d.ts'
import { Conv2d } from './conv2d/conv2d.ts'
import { initialBias, initialWeight } from './init.ts'
import { Linear } from './linear/linear.ts'

/** The 24 low bits of a word, over 2²⁴: torch's uniform number of [0, 1) in float32. */
const uniform = (generator: Generator): number => (generator.random32() & 0xffffff) / 2 ** 24

test('a weight is uniform in ±1/√fanIn, a bias too, in the order of torch', () => {
  manualSeed(5)
  const linear = new Linear(4, 3)
  const draws = new Generator(5)
  const bound = 1 / Math.sqrt(4)
  for (const [parameter, count] of [
    [linear.weight, 12],
    [linear.bias!, 3],
  ] as const) {
    expect(parameter.data).toHaveLength(count)
    for (const value of parameter.data) expect(value).toBeCloseTo((2 * uniform(draws) - 1) * bound, 6)
  }
  expect(defaultGenerator.getState()).toEqual(draws.getState())
})

test('a convolution’s fan-in is a window of one group', () => {
  const generator = new Generator(6)
  const conv = new Conv2d(4, 6, [3, 5], { groups: 2, generator })
  const draws = new Generator(6)
  const bound = 1 / Math.sqrt(2 * 3 * 5)
  expect(conv.weight.shape).toEqual([6, 2, 3, 5])
  for (const { data } of [conv.weight, conv.bias!])
    for (const value of data) expect(value).toBeCloseTo((2 * uniform(draws) - 1) * bound, 6)
  expect(generator.getState()).toEqual(draws.getState())
})

test('a convolution of lines has as many numbers in a window', () => {
  const generator = new Generator(6)
  const conv = new Conv1d(6, 4, 5, { groups: 2, generator })
  const draws = new Generator(6)
  const bound = 1 / Math.sqrt(3 * 5)
  expect(conv.weight.shape).toEqual([4, 3, 5])
  expect(conv.bias!.shape).toEqual([4])
  for (const { data } of [conv.weight, conv.bias!])
    for (const value of data) expect(value).toBeCloseTo((2 * uniform(draws) - 1) * bound, 6)
  expect(generator.getState()).toEqual(draws.getState())
  expect(new Conv1d(1, 1, 1, { dtype: 'float64' }).weight.dtype).toBe('float64')
})

test('without a bias none is drawn, and the default generator stands still where another is given', () => {
  const before = defaultGenerator.getState()
  const generator = new Generator(7)
  const { bias } = new Linear(2, 3, { bias: false, generator })
  expect(bias).toBe(null)
  const draws = new Generator(7)
  for (let i = 0; i < 6; i++) draws.random32()
  expect(generator.getState()).toEqual(draws.getState())
  expect(defaultGenerator.getState()).toEqual(before)
})

test('float64 on request, float32 otherwise', () => {
  expect(initialWeight([2, 3], 3, {}).dtype).toBe('float32')
  expect(initialBias(2, 3, {}).dtype).toBe('float32')
  const wide = initialWeight([2, 3], 3, { dtype: 'float64', generator: new Generator(8) })
  expect(wide.dtype).toBe('float64')
  const draws = new Generator(8)
  for (const value of wide.data) expect(value).toBeCloseTo((2 * draws.random53() - 1) / Math.sqrt(3), 12)
})

test('a bias of nothing is 0', () => {
  expect(initialBias(2, 0, {}).data.every((value: number) => value === 0)).toBe(true)
})
