import { describe, expect, it } from 'vitest'
import { narrow, SMALLEST, UNIT, ulp } from './ulp.ts'

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
  expect(UNIT).toMatchObject({ float32: ulp(1, 'float32') / 2, float64: Number.EPSILON / 2 })
  expect(SMALLEST).toMatchObject({ float32: Math.fround(1.4e-45), float64: Number.MIN_VALUE })
})

it('has 11 and 8 bits in the small types', () => {
  expect([UNIT.float16, SMALLEST.float16]).toEqual([ulp(1, 'float16') / 2, 2 ** -24])
  expect([UNIT.bfloat16, SMALLEST.bfloat16]).toEqual([ulp(1, 'bfloat16') / 2, 2 ** -133])
  expect([ulp(1.5, 'float16'), ulp(2 ** -20, 'float16')]).toEqual([2 ** -10, 2 ** -24])
  expect([ulp(3, 'bfloat16'), ulp(2 ** -130, 'bfloat16')]).toEqual([2 ** -6, 2 ** -133])
})

describe('narrow', () => {
  it.each([
    ['float16', 2049, 2048],
    ['float16', 2051, 2052],
    ['float16', 2050.5, 2050],
    ['float16', -2051.5, -2052],
    ['float16', 65519, 65504],
    ['float16', 65520, Infinity],
    ['float16', 2 ** -25, 0],
    ['float16', 2 ** -25 * 1.01, 2 ** -24],
    ['float16', 1.5 * 2 ** -24, 2 ** -23],
    ['bfloat16', 257, 256],
    ['bfloat16', 259, 260],
    ['bfloat16', -257.5, -258],
    ['bfloat16', 3.4e38, Infinity],
    ['bfloat16', 3.39e38, (2 - 2 ** -7) * 2 ** 127],
    ['float32', 16777217, 16777216],
    ['float64', 0.1, 0.1],
  ] as const)('to %s: %s is %s', (dtype, x, expected) => {
    expect(narrow(x, dtype)).toBe(expected)
  })

  it('leaves NaN, infinities and the sign of a zero', () => {
    for (const x of [Number.NaN, Infinity, -Infinity, -0]) expect(narrow(x, 'float16')).toBe(x)
  })

  it('changes no number that the type has', () => {
    for (let bits = 1; bits < 0x7c00; bits += 7) {
      const [exponent, fraction] = [bits >> 10, bits & 1023]
      const half = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15)
      expect(narrow(half, 'float16')).toBe(half)
    }
  })
})
