import { describe, expect, it } from 'vitest'
import { type Bounded, bounded, dual, elementary, real } from './algebra.ts'

it('plain numbers', () => {
  expect([real.exact(2), real.constant(3), real.value(4)]).toEqual([2, 3, 4])
  expect([real.add(2, 3), real.mul(2, 3), real.div(3, 2), real.neg(2), real.pow(2, 3)]).toEqual([
    5, 6, 1.5, -2, 8,
  ])
  expect([real.total([1, 2, 4]), real.total([])]).toEqual([7, 0])
  expect([
    real.call('exp', 1),
    real.call('log', Math.E),
    real.call('sqrt', 9),
    real.call('floor', -1.5),
  ]).toEqual([Math.E, 1, 3, -2])
  for (const algebra of [real, dual, bounded])
    expect(() => algebra.call('tan', algebra.exact(1) as never)).toThrow("equations know no function 'tan'")
})

describe('dual numbers', () => {
  // a = 3 + 2ε, b = 5 − 4ε.
  const [a, b] = [
    { v: 3, d: 2 },
    { v: 5, d: -4 },
  ]

  it('carry the derivative through every operation', () => {
    expect([dual.exact(7), dual.constant(7)]).toEqual([
      { v: 7, d: 0 },
      { v: 7, d: 0 },
    ])
    expect(dual.value(a)).toBe(3)
    expect(dual.add(a, b)).toEqual({ v: 8, d: -2 })
    expect(dual.mul(a, b)).toEqual({ v: 15, d: 2 * 5 + 3 * -4 })
    expect(dual.div(a, b)).toEqual({ v: 0.6, d: (2 * 5 - 3 * -4) / 25 })
    expect(dual.neg(a)).toEqual({ v: -3, d: -2 })
    expect(dual.pow(a, 3)).toEqual({ v: 27, d: 3 * 9 * 2 })
    expect(dual.total([a, b, a])).toEqual({ v: 11, d: 0 })
    expect(dual.total([])).toEqual({ v: 0, d: 0 })
  })

  it('and through functions', () => {
    expect(dual.call('exp', { v: 0, d: 3 })).toEqual({ v: 1, d: 3 })
    expect(dual.call('log', { v: 4, d: 3 })).toEqual({ v: Math.log(4), d: 0.75 })
    expect(dual.call('sqrt', { v: 4, d: 3 })).toEqual({ v: 2, d: 0.75 })
    expect(dual.call('floor', { v: 4.5, d: 3 })).toEqual({ v: 4, d: 0 })
    // Where nothing depends on it, an infinite derivative does not matter.
    expect(dual.call('sqrt', { v: 0, d: 0 })).toEqual({ v: 0, d: 0 })
  })

  it.each(Object.keys(elementary))('the derivative of %s is that of differences', (name) => {
    const { f, derivative } = elementary[name]
    for (const x of [0.4, 1.3, 2.6]) expect((f(x + 1e-6) - f(x - 1e-6)) / 2e-6).toBeCloseTo(derivative(x), 6)
  })
})

describe('bounded numbers', () => {
  const of = (v: number, size: number, error: number): Bounded => ({ v, size, error })

  it('begin without an error where float32 holds them', () => {
    expect(bounded.exact(-0.1)).toEqual(of(-0.1, 0.1, 0))
    expect(bounded.constant(0.5)).toEqual(of(0.5, 0.5, 0))
    expect(bounded.constant(-0.1)).toEqual(of(-0.1, 0.1, 0.1))
    expect(bounded.value(of(3, 4, 5))).toBe(3)
  })

  it('cost one rounding less than a sum has terms, each of the sum of magnitudes', () => {
    expect(bounded.total([])).toEqual(of(0, 0, 0))
    expect(bounded.total([of(-3, 3, 0)])).toEqual(of(-3, 3, 0))
    expect(bounded.total([of(-3, 3, 0), of(5, 5, 0)])).toEqual(of(2, 8, 8))
    expect(bounded.total([of(1, 1, 0), of(2, 2, 7), of(-4, 4, 1)])).toEqual(of(-1, 7, 8 + 2 * 7))
    // Adding 0 rounds nothing.
    expect(bounded.total([of(0, 0, 0), of(5, 5, 0), of(0, 0, 0)])).toEqual(of(5, 5, 0))
    expect(bounded.add(of(2, 2, 1), of(3, 3, 2))).toEqual(of(5, 5, 3 + 5))
  })

  it('cost one rounding for a product, none for one with 0, 1 or −1', () => {
    expect(bounded.mul(of(-3, 3, 0), of(5, 5, 0))).toEqual(of(-15, 15, 15))
    expect(bounded.mul(of(3, 4, 2), of(5, 6, 7))).toEqual(of(15, 24, 2 * 6 + 7 * 4 + 24))
    for (const one of [1, -1, 0]) {
      expect(bounded.mul(of(one, Math.abs(one), 0), of(5, 6, 7)).error).toBe(7 * Math.abs(one))
      expect(bounded.mul(of(5, 6, 7), of(one, Math.abs(one), 0)).error).toBe(7 * Math.abs(one))
    }
    // A 1 that is off by something is no exact factor.
    expect(bounded.mul(of(1, 1, 2), of(5, 5, 0)).error).toBe(2 * 5 + 5)
    expect(bounded.mul(of(2, 2, 0), of(5, 5, 0)).error).toBe(10)
  })

  it('cost one rounding for a quotient, none for one by 1', () => {
    expect(bounded.div(of(6, 6, 0), of(-2, 2, 0))).toEqual(of(-3, 3, 3))
    expect(bounded.div(of(6, 8, 1), of(-2, 2, 3))).toEqual(of(-3, 4, 0.5 + (4 * 3) / 2 + 4))
    expect(bounded.div(of(6, 8, 1), of(1, 1, 0))).toEqual(of(6, 8, 1))
    expect(bounded.div(of(6, 8, 1), of(-1, 1, 0))).toEqual(of(-6, 8, 1))
    expect(bounded.div(of(6, 6, 0), of(1, 1, 1)).error).toBe(12)
  })

  it('cost none for a sign', () => {
    expect(bounded.neg(of(3, 4, 5))).toEqual(of(-3, 4, 5))
  })

  it('cost two roundings for a power, none for one of 0 and for one of 1', () => {
    expect(bounded.pow(of(-3, 3, 0), 2)).toEqual(of(9, 9, 18))
    expect(bounded.pow(of(3, 3, 1), 2)).toEqual(of(9, 9, 2 * 3 + 18))
    expect(bounded.pow(of(-3, 3, 5), 0)).toEqual(of(1, 1, 0))
    expect(bounded.pow(of(-1, 1, 0), 3)).toEqual(of(-1, 1, 0))
    expect(bounded.pow(of(4, 4, 0), -0.5)).toEqual(of(0.5, 0.5, 1))
  })

  it('cost for a function its own roundings, and the error of its argument by its slope', () => {
    expect(bounded.call('exp', of(0, 0, 3))).toEqual(of(1, 1, 3 + 2))
    expect(bounded.call('log', of(0.5, 0.5, 3))).toEqual(of(-Math.LN2, Math.LN2, 6 + 2 * Math.LN2))
    expect(bounded.call('sqrt', of(4, 4, 3))).toEqual(of(2, 2, 0.75 + 2))
    expect(bounded.call('floor', of(-1.5, 1.5, 3))).toEqual(of(-2, 2, 0))
    expect(bounded.call('log', of(0, 0, 0))).toEqual(of(-Infinity, Infinity, Infinity))
  })
})
