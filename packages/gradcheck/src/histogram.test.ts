import { expect, test } from 'vitest'
import { addHistograms, BIN_ENDS, emptyHistogram, histogramOf } from './histogram.ts'

test('elements are counted by their distance in ULP of their own true value', () => {
  const truth = [1, 1, 4, 0, 2, 1]
  const got = [1, 1 + 2 ** -24, 4 + 2 ** -20, 0, 2 + 2 ** -19, 2]
  const bins = histogramOf(got, truth)
  const at = (end: number): number => bins[BIN_ENDS.indexOf(end)]
  expect([at(0), at(0.5), at(2), at(8), bins.at(-1)]).toEqual([2, 1, 1, 1, 1])
  expect(addHistograms(bins, emptyHistogram())).toEqual(bins)
})

test('a bin has its upper end, and not its lower one', () => {
  const u = 2 ** -23
  const binsOf = (ulps: number): number => histogramOf([1 + ulps * u], [1]).indexOf(1)
  expect([0, 0.5, 1, 2, 4, 8, 16, 64, 256, 4096].map(binsOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect([0.25, 0.75, 1.5, 3, 5, 9, 17, 65, 257, 4097].map(binsOf)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(histogramOf([1 - 3 * u], [1]).indexOf(1)).toBe(4)
})

test('what is NaN or infinite for one of the two alone is in the last bin, else in the first', () => {
  const { NaN: nan } = Number
  expect(histogramOf([nan, Infinity, 0, nan], [nan, Infinity, nan, 0])).toEqual([
    2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
  ])
})

test('the last place is that of the truth in float32, though it is known in float64', () => {
  // Just below 2 in float64, 2 in float32: the last place there is twice as wide.
  expect(histogramOf([2 - 2 ** -23], [2 - 2 ** -40]).indexOf(1)).toBe(1)
})

test('two histograms are added bin by bin', () => {
  expect(addHistograms([1, 2, 3], [10, 0, 5])).toEqual([11, 2, 8])
  expect(emptyHistogram()).toEqual(new Array(11).fill(0))
})
