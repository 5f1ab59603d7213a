import { expect, it } from 'vitest'
import { SMALLEST, UNIT, ulp } from './ulp.ts'

it.each([
  [1, 2 ** -23, 2 ** -52],
  [-1, 2 ** -23, 2 ** -52],
  [1.999, 2 ** -23, 2 ** -52],
  [2, 2 ** -22, 2 ** -51],
  [0.75, 2 ** -24, 2 ** -53],
  [3e10, 2 ** (34 - 23), 2 ** (34 - 52)],
  [2 ** -126, 2 ** -149, 2 ** -178],
  [2 ** -125, 2 ** -148, 2 ** -177],
  // Below the smallest normal number the steps stay.
  [2 ** -140, 2 ** -149, 2 ** -192],
  [2 ** -1022, 2 ** -149, 2 ** -1074],
  [2 ** -1021, 2 ** -149, 2 ** -1073],
  [2 ** -1074, 2 ** -149, 2 ** -1074],
  [0, 2 ** -149, 2 ** -1074],
])('the last place of %s is %s in float32 and %s in float64', (x, single, double) => {
  expect([ulp(x, 'float32'), ulp(x, 'float64')]).toEqual([single, double])
})

it('is the distance to the next number: by adding it', () => {
  const bits = new Float32Array(1)
  const next = new Uint32Array(bits.buffer)
  for (const x of [1, 1.5, 3, 0.1, 1e-30, 6.02e23]) {
    bits[0] = x
    const here = bits[0]
    next[0]++
    expect(bits[0] - here).toBe(ulp(here, 'float32'))
  }
})

it('there is none of NaN and infinities', () => {
  for (const x of [Number.NaN, Infinity, -Infinity]) expect(ulp(x, 'float32')).toBeNaN()
})

it('half of the last place of 1, and the smallest number, by precision', () => {
  expect(UNIT).toEqual({ float32: ulp(1, 'float32') / 2, float64: Number.EPSILON / 2 })
  expect(SMALLEST).toEqual({ float32: Math.fround(1.4e-45), float64: Number.MIN_VALUE })
})
