import { expect, test } from 'vitest'
import { defaultGenerator, Generator, manualSeed, rand, randn, randperm } from './index.ts'

test('manualSeed restarts the default generator, which draws when none is given', () => {
  expect(manualSeed(11)).toBe(defaultGenerator)
  const drawn = [rand([3]), randn([2]), randperm(9)]
  const generator = new Generator(11)
  expect(drawn).toEqual([rand([3], { generator }), randn([2], { generator }), randperm(9, { generator })])
  expect(rand([3])).not.toEqual(drawn[0])
})

test('shape, dtype and range', () => {
  const generator = new Generator(1)
  expect([rand([2, 3], { generator }).shape, rand([1], { generator, dtype: 'float64' }).dtype]).toEqual([
    [2, 3],
    'float64',
  ])
  const uniform = rand([10_000], { generator }).data
  expect([uniform.every((u) => u >= 0 && u < 1), Math.max(...uniform) > 0.999]).toEqual([true, true])
  expect(Uint32Array.from(randperm(500, { generator })).sort()).toEqual(
    Uint32Array.from({ length: 500 }, (_, i) => i),
  )
  expect(() => rand([-1])).toThrow('shape [-1]')
})

test('an explicit generator leaves the default one alone', () => {
  const before = manualSeed(2).getState()
  randn([20], { generator: new Generator(3) })
  randperm(20, { generator: new Generator(3) })
  expect(defaultGenerator.getState()).toEqual(before)
})

test('10,000 normal numbers have mean 0 and variance 1', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const data = [...randn([10_000], { generator: new Generator(0), dtype }).data]
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length
    const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
  }
})
