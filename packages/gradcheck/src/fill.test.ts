import { Generator } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { fill, seedOf } from './fill.ts'
import type { TensorSpec } from './spec.ts'

const make = (spec: TensorSpec, seed = 1) => fill(spec, new Generator(seed))
const values = (spec: TensorSpec, seed = 1): number[] => Array.from(make(spec, seed).data, Number)

describe('elements', () => {
  const many = { shape: [2000] }

  it('are bell-shaped with mean 0 and variance 1 unless told, within ±2√3', () => {
    const all = values({ ...many, dtype: 'float64' })
    const mean = all.reduce((a, b) => a + b, 0) / 2000
    const variance = all.reduce((a, b) => a + (b - mean) ** 2, 0) / 2000
    expect(Math.abs(mean)).toBeLessThan(0.08)
    expect(Math.abs(variance - 1)).toBeLessThan(0.1)
    expect(Math.max(...all.map(Math.abs))).toBeLessThan(2 * Math.sqrt(3))
    // The sum of four uniforms, by hand.
    const generator = new Generator(1)
    const four = [0, 0, 0, 0].map(() => generator.random53())
    expect(all[0]).toBe((four[0] + four[1] + four[2] + four[3] - 2) * Math.sqrt(3))
  })

  it.each<[NonNullable<TensorSpec['fill']>, number, number]>([
    ['uniform', -9, 9],
    ['negative', -3.1, -0.1],
    ['positive', 0.1, 3.1],
  ])('that are %s lie between %s and %s, and reach both ends', (name, low, high) => {
    const all = values({ ...many, fill: name, dtype: 'float64' })
    expect(Math.min(...all)).toBeGreaterThanOrEqual(low)
    expect(Math.max(...all)).toBeLessThanOrEqual(high)
    expect(Math.min(...all) - low).toBeLessThan(0.1)
    expect(high - Math.max(...all)).toBeLessThan(0.1)
  })

  it('that tie are whole numbers from −2 to 2, classes those below their number', () => {
    expect(new Set(values({ ...many, fill: 'ties' }))).toEqual(new Set([-2, -1, 0, 1, 2]))
    expect(new Set(values({ ...many, fill: 'classes', classes: 4 }))).toEqual(new Set([0, 1, 2, 3]))
    expect(new Set(values({ ...many, fill: 'classes' }))).toEqual(new Set([0]))
  })

  it('that are distinct are 0.37 apart, around 0 and in another order each time', () => {
    const all = values({ shape: [2, 3], fill: 'distinct', dtype: 'float64' })
    const sorted = all.toSorted((a, b) => a - b)
    sorted.forEach((value, i) => expect(value).toBeCloseTo((i - 3 + 0.3) * 0.37, 12))
    expect(all).not.toEqual(values({ shape: [2, 3], fill: 'distinct', dtype: 'float64' }, 2))
  })

  it.each([
    [[5], [[0, 1, 2, 3, 4]]],
    [
      [2, 3],
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
    ],
    [
      [2, 3, 2],
      [
        [0, 2, 4],
        [1, 3, 5],
        [6, 8, 10],
        [7, 9, 11],
      ],
    ],
  ])('that are probabilities of shape %j are positive and sum to 1 along the classes', (shape, groups) => {
    const all = values({ shape, fill: 'probabilities', dtype: 'float64' })
    expect(Math.min(...all)).toBeGreaterThan(0)
    for (const group of groups) expect(group.reduce((sum, i) => sum + all[i], 0)).toBeCloseTo(1, 12)
    expect(new Set(all).size).toBe(all.length)
  })

  it('may be zero, scaled, and planted after that', () => {
    expect(values({ shape: [3], fill: 'zeros' })).toEqual([0, 0, 0])
    const plain = values({ shape: [3], dtype: 'float64' })
    expect(values({ shape: [3], dtype: 'float64', scale: 10 })).toEqual(plain.map((value) => value * 10))
    const planted = values({ shape: [3], dtype: 'float64', scale: 10, plant: { 1: -0, 2: Infinity } })
    expect(planted).toEqual([plain[0] * 10, -0, Infinity])
  })

  it('are refused outside', () => {
    for (const index of [3, -1, 1.5]) {
      const run = () => make({ shape: [3], plant: { [index]: 1 } })
      expect(run).toThrow(new RangeError(`fill: element ${index} is outside [3]`))
    }
  })

  it('have the dtype that is wanted, float32 unless told', () => {
    expect(make({ shape: [2] }).dtype).toBe('float32')
    const classes = { shape: [6], fill: 'classes', classes: 3 } as const
    const asInt32 = values({ ...classes, dtype: 'int32' })
    for (const dtype of ['int64', 'uint8', 'float64'] as const) {
      const t = make({ ...classes, dtype })
      expect([t.dtype, Array.from(t.data as ArrayLike<number | bigint>, Number)]).toEqual([dtype, asInt32])
    }
  })
})

it('a seed is the FNV-1a hash of its text', () => {
  expect(seedOf('')).toBe(0x811c9dc5)
  expect(seedOf('a')).toBe(0xe40c292c)
  expect(seedOf('foobar')).toBe(0xbf9cf968)
  expect(seedOf('ä')).not.toBe(seedOf('a'))
})
