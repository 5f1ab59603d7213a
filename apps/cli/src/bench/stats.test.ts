import { expect, test } from 'vitest'
import { pairUp, rangeOf } from './stats.ts'

test('the median of an odd and of an even number of values, and how far they reach', () => {
  expect(rangeOf([5, 1, 9])).toEqual({ median: 5, low: 1, high: 9 })
  expect(rangeOf([4, 1, 2, 9])).toEqual({ median: 3, low: 1, high: 9 })
  expect(() => rangeOf([])).toThrow('no median of no values')
})

test('a ratio is ours over the mean of the peer before and after', () => {
  expect(pairUp([300, 330], [100, 100, 105])).toEqual({
    ratio: { median: (3 + 330 / 102.5) / 2, low: 3, high: 330 / 102.5 },
    counted: 2,
    run: 2,
  })
})

test('a pair counts only where the peer agrees with itself to less than 10 %', () => {
  // 100 and 90 are 10.5 % of their mean apart, 100 and 91 are 9.4 %.
  expect(pairUp([200, 200], [90, 100, 91])).toMatchObject({
    counted: 1,
    run: 2,
    ratio: { median: 200 / 95.5 },
  })
  expect(pairUp([200], [50, 100])).toEqual({ ratio: null, counted: 0, run: 1 })
})
