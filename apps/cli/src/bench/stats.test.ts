import { expect, test } from 'vitest'
import { medianRange, pairUp, rangeOf } from './stats.ts'

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

// P(Bin(n, ½) < rank), twice: 6 values, rank 1: 2/64; rank 2: 2(1 + 6)/64 = 0.22.
// 9 values, rank 2: 2(1 + 9)/512 = 0.039; rank 3: 2(1 + 9 + 36)/512 = 0.18.
// 12 values, rank 3: 2(1 + 12 + 66)/4096 = 0.0386; rank 4: 2(1 + 12 + 66 + 220)/4096 = 0.146.
test.each([
  [6, 1, 62 / 64],
  [7, 1, 126 / 128],
  [8, 1, 254 / 256],
  [9, 2, 492 / 512],
  [12, 3, 3938 / 4096],
  [20, 6, 1 - (2 * (1 + 20 + 190 + 1140 + 4845 + 15504)) / 2 ** 20],
])(
  'the 95 %% range of the median of %i values reaches from the %i. to the one as far from the end',
  (count, rank, confidence) => {
    // 10, 20, … in a mixed order: 11 divides none of the counts.
    const values = Array.from({ length: count }, (_, i) => 10 * (((i * 11 + 3) % count) + 1))
    expect(medianRange(values)).toEqual({
      median: 5 * (count + 1),
      low: 10 * rank,
      high: 10 * (count + 1 - rank),
      confidence: expect.closeTo(confidence, 12),
    })
  },
)

test('five values give no 95 % range: they miss the median in 2 of 32 cases', () => {
  expect(() => medianRange([1, 2, 3, 4, 5])).toThrow('no 95 % range of 5 values, 6 at least')
})

test('the range holds the median as often as it says', () => {
  // Of the 2⁹ ways in which 9 values can lie on the two sides of their median, those with one side short of 2 miss it.
  let held = 0
  for (let way = 0; way < 512; way++) {
    const values = Array.from({ length: 9 }, (_, i) => ((way >> i) & 1 ? 1 + i : -1 - i))
    const { low, high } = medianRange(values)
    if (low < 0 && high > 0) held++
  }
  expect(held).toBe(492)
})
