import { type FloatDType, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { distance, findWorst, formatWorst, maxError, unravel } from './compare.ts'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

it.each([
  [1, 1.5, 0.5],
  [1.5, 1, 0.5],
  [-1, 1, 2],
  [0, -0, 0],
  [nan, nan, 0],
  [inf, inf, 0],
  [-inf, -inf, 0],
  [inf, -inf, inf],
  [nan, 0, inf],
  [0, nan, inf],
  [inf, nan, inf],
  [3, -inf, inf],
])('distance(%s, %s) is %s', (a, b, gap) => {
  expect(distance(a, b)).toBe(gap)
})

it.each([
  [0, [2, 3], [0, 0]],
  [5, [2, 3], [1, 2]],
  [23, [2, 3, 4], [1, 2, 3]],
  [7, [2, 3, 4], [0, 1, 3]],
  [4, [9], [4]],
  [0, [], []],
])('element %i of %j is at %j', (flat, shape, index) => {
  expect(unravel(flat, shape)).toEqual(index)
})

it('the largest error is that of any element, with its infinities', () => {
  expect(maxError([], [])).toBe(0)
  expect(maxError([1, 2, 3], [1, 2.5, 2])).toBe(1)
  expect(maxError([3, 2, 1], [1, 2, 1])).toBe(2)
  expect(maxError([nan, 1], [nan, 1])).toBe(0)
  expect(maxError([1, nan], [1, 1])).toBe(inf)
  // What is missing is no match.
  expect(maxError([1], [1, 1])).toBe(inf)
})

describe('findWorst', () => {
  const find = (
    got: number[],
    expected: number[],
    allowed: number | ((flat: number) => number),
    dtype: FloatDType = 'float64',
    exact = false,
  ) => {
    const of = (values: number[]) => tensor(values, [values.length / 2, 2], { dtype })
    const limit = typeof allowed === 'number' ? () => allowed : allowed
    return findWorst(of(got), of(expected), limit, dtype, exact)
  }

  it('gives null where each element is within what is allowed, the limit itself too', () => {
    expect(find([1, 2, 3, 4], [1, 2, 3, 4], 0)).toBeNull()
    expect(find([1.5, 2, 3, 3.5], [1, 2, 3, 4], 0.5)).toBeNull()
    expect(find([nan, inf], [nan, inf], 0)).toBeNull()
  })

  it('allows anything where the limit is infinite, and nothing where it is no number', () => {
    expect(find([nan, 2], [1, 2], inf)).toBeNull()
    expect(find([inf, 2], [1, 2], inf)).toBeNull()
    expect(find([1, 2], [1, 2], nan)).not.toBeNull()
  })

  it('gives the element that exceeds what is allowed there by most', () => {
    expect(find([1, 2.75, 3, 4.5], [1, 2, 3, 4], 0.25)).toEqual({
      index: [0, 1],
      expected: 2,
      got: 2.75,
      error: 0.75,
      ulps: 0.75 / 2 ** -51,
      allowed: 0.25,
    })
    // 5 off where 4.5 are allowed is less than 1 off where nothing is.
    const limit = (flat: number): number => (flat === 1 ? 4.5 : 0)
    expect(find([1, 7, 3, 5], [1, 2, 3, 4], limit)).toMatchObject({ index: [1, 1], error: 1, allowed: 0 })
    expect(find([1, 7, 3, 4], [1, 2, 3, 4], limit)).toMatchObject({ index: [0, 1], error: 5, allowed: 4.5 })
  })

  it('gives an element that is NaN or infinite where it should not be, wherever it is', () => {
    for (const at of [0, 1, 2, 3]) {
      const got = [9, 9, 9, 9].map((value, i) => (i === at ? nan : value))
      expect(find(got, [1, 2, 3, 4], 0)).toMatchObject({ index: [Math.floor(at / 2), at % 2], error: inf })
      expect(find([1, 2, 3, 4], got, 100)).toMatchObject({ index: [Math.floor(at / 2), at % 2], error: inf })
    }
  })

  it('counts in units of what is expected, in its own precision', () => {
    expect(find([1 + 2 ** -20, 1], [1, 1], 0, 'float32')).toMatchObject({ ulps: 8 })
    expect(find([1 + 2 ** -49, 1], [1, 1], 0)).toMatchObject({ ulps: 8 })
  })

  it('tells the zeros apart where it must', () => {
    expect(find([-0, 1], [0, 1], 0)).toBeNull()
    expect(find([-0, 1], [0, 1], 0, 'float64', true)).toMatchObject({
      index: [0, 0],
      got: -0,
      error: 2 ** -1074,
    })
    expect(find([0, 1], [-0, 1], 0, 'float32', true)).toMatchObject({ error: 2 ** -149, ulps: 1 })
    expect(find([nan, inf], [nan, inf], 0, 'float32', true)).toBeNull()
  })

  it('refuses another shape', () => {
    const run = () => findWorst(tensor([1, 2]), tensor([[1, 2]]), () => 9, 'float32')
    expect(run).toThrow(new RangeError('shape is [2], expected [1,2]'))
  })
})

it('a difference in words: where, what, how far in numbers and in ULP, and what is allowed', () => {
  const worst = { index: [1, 0, 2], expected: 1.5, got: 1.25, error: 0.25, ulps: 2097152, allowed: 1.2e-7 }
  expect(formatWorst(worst)).toBe(
    '[1,0,2]: expected 1.5, got 1.25, 0.250 apart (2.1e+6 ULP), allowed 1.20e-7',
  )
  expect(formatWorst({ ...worst, ulps: 999.94 })).toContain('(999.9 ULP)')
  expect(formatWorst({ ...worst, ulps: 1000 })).toContain('(1.0e+3 ULP)')
  expect(formatWorst({ ...worst, got: nan, error: inf, ulps: inf })).toBe('[1,0,2]: expected 1.5, got NaN')
  expect(formatWorst({ ...worst, expected: 0, got: -0.25, ulps: 2 ** 147 })).toBe(
    '[1,0,2]: expected 0, got -0.25, 0.250 apart, allowed 1.20e-7',
  )
  expect(formatWorst({ ...worst, allowed: 0 })).toBe(
    '[1,0,2]: expected 1.5, got 1.25, 0.250 apart (2.1e+6 ULP), must be the same',
  )
})
