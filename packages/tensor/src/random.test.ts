import { expect, test, vi } from 'vitest'
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

test.each<[() => unknown, string]>([
  [() => manualSeed('a' as never), "the seed is 'a', expected a whole number"],
  [() => manualSeed(undefined as never), 'the seed is undefined, expected a whole number'],
  [() => new Generator('5' as never), "the seed is '5', expected a whole number"],
  [() => new Generator(null as never), 'the seed is null'],
  [
    () => new Generator(1).setState([] as never),
    'Generator.setState: the state is an array, expected a Uint8Array',
  ],
  [() => new Generator(1).setState(undefined as never), 'Generator.setState: the state is undefined'],
  [
    () => new Generator(1).setState(new Uint16Array(5056) as never),
    'Generator.setState: the state is an Uint16Array',
  ],
  [() => rand(2 as never, 3 as never), 'rand(): shape is 2, expected a list such as [2, 3]'],
  [
    () => rand({} as never),
    'rand(): shape is an object, expected a list such as [2, 3]; options come behind it',
  ],
  [() => randn(2 as never), 'randn(): shape is 2'],
  [
    () => randn([2], 5 as never),
    'randn(): argument 2 is 5, expected an object of options, as { generator: 5 }',
  ],
  [() => rand([2], { seed: 5 } as never), 'rand(): there is no option seed (options: generator, dtype)'],
  [
    () => randn([2], new Generator(1) as never),
    'randn(): argument 2 is a Generator, expected an object of options',
  ],
  [() => rand([2], { generator: 5 as never }), 'rand(): generator is 5, expected a Generator'],
  [() => rand([2], { dtype: 'int32' as never }), 'rand(): dtype is int32, expected float32 or float64'],
  [() => randn([2], { dtype: 'uint8' as never }), 'randn(): dtype is uint8, expected float32 or float64'],
  [
    () => randperm(5, new Generator(1) as never),
    'randperm(): argument 2 is a Generator, expected an object of options',
  ],
  [() => randperm(5, { generator: 'a' as never }), "randperm(): generator is 'a', expected a Generator"],
  [() => randperm('5' as never), "randperm('5'): n must be a whole number ≥ 0"],
])('%o is refused, and nothing is drawn', (make, message) => {
  const before = manualSeed(3).getState()
  expect(make).toThrow(message)
  expect(defaultGenerator.getState()).toEqual(before)
})

test('manualSeed takes what torch takes, to the ends of the range', () => {
  for (const seed of [0, -1, 2 ** 53, -(2n ** 63n), 2n ** 64n - 1n])
    expect(manualSeed(seed)).toBe(defaultGenerator)
  expect(() => manualSeed(2n ** 64n)).toThrow('is not between −2⁶³ and 2⁶⁴ − 1')
})

test('the default generator starts from another seed in each process', async () => {
  const seeds = new Set<number | bigint>()
  for (let n = 0; n < 4; n++) {
    vi.resetModules()
    seeds.add(
      ((await import('./index.ts')) as { defaultGenerator: Generator }).defaultGenerator.initialSeed(),
    )
  }
  expect(seeds.size).toBe(4)
  expect([...seeds].every((seed) => typeof seed === 'bigint' || seed > 2 ** 32)).toBe(true)
})
