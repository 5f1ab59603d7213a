import { expect, it } from 'vitest'
import { isClose, slopesAt } from './slopes.ts'

it('gives the slopes on either side and across, by hand: x³ at 2 with ε = 1/2', () => {
  // In two terms, as of two elements of an output.
  const f = (x: number): Float64Array => Float64Array.of(2 * (x ** 3 - 8), -(x ** 3 - 8))
  // 2.5³ = 15.625, 1.5³ = 3.375.
  expect(slopesAt(f, 2, { eps: 0.5 })).toEqual({ numeric: 12.25, right: 15.25, left: 9.25 })
})

it('takes ε = 1e-6 unless told', () => {
  const seen: number[] = []
  slopesAt((x) => Float64Array.of(seen.push(x)), 0, {})
  expect(seen).toEqual([1e-6, -1e-6])
})

it('divides by the distance between the two points that are there, not by the one that was meant', () => {
  const { numeric, right, left } = slopesAt((x) => Float64Array.of(x - 1), 1, { eps: 3e-15 })
  expect([numeric, right, left]).toEqual([1, 1, 1])
})

it.each([
  // The default allowances: 1e-5 and a thousandth of the second number.
  [1e-5, 0, {}, true],
  [1.01e-5, 0, {}, false],
  [100.1, 100, {}, true],
  [100.11, 100, {}, false],
  [-100.09, -100, {}, true],
  [99.89, 100, {}, false],
  [0, 100, { rtol: 1 }, true],
  [0, 100, { rtol: 0.9 }, false],
  [1, 3, { atol: 2, rtol: 0 }, true],
  [1, 3.1, { atol: 2, rtol: 0 }, false],
  [Number.NaN, 1, {}, false],
  [1, Number.NaN, {}, false],
  [Number.NaN, Number.NaN, {}, false],
  [Infinity, 1, {}, false],
])('%s and %s, %o: %s', (a, b, options, close) => {
  expect(isClose(a, b, options)).toBe(close)
})
