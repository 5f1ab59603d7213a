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
