import { describe, expect, it } from 'vitest'
import { kinkAt } from './kink.ts'

const EPSILONS = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10]

/** f against f(x). */
const around =
  (f: (x: number) => number, x: number) =>
  (value: number): Float64Array =>
    Float64Array.of(f(value) - f(x))

describe.each(EPSILONS)('at ε = %s', (eps) => {
  it.each([-0.95, -1 / 3, 0, 1 / 3, 0.5, 0.95])('sees a corner at x + %s ε', (share) => {
    const x = 0.7
    const corner = x + share * eps
    const changeOf = (f: (t: number) => number): number => kinkAt(around(f, x), x, eps)
    expect(changeOf((t) => Math.abs(t - corner))).toBeCloseTo(2, 2)
    expect(changeOf((t) => 5 * t + 0.25 * Math.max(0, t - corner))).toBeCloseTo(0.25, 1)
    expect(changeOf((t) => Math.min(2 * t, 2 * corner) - 3 * t)).toBeCloseTo(2, 1)
  })

  it('sees two corners, of which one undoes the other', () => {
    const x = 0.7
    const clip = (t: number): number => Math.min(Math.max(t, x - 0.5 * eps), x + 0.5 * eps)
    expect(kinkAt(around(clip, x), x, eps)).toBeCloseTo(2, 2)
  })

  it('sees those of two elements that cancel in the sum, and adds them up', () => {
    const x = 0.7
    const opposite = (t: number): Float64Array =>
      Float64Array.of(Math.max(0, t - x), -1.5 * Math.max(0, t - x))
    expect(kinkAt(opposite, x, eps)).toBeCloseTo(2.5, 2)
  })

  it.each<[string, (t: number) => number]>([
    ['a line', (t) => 3 * t - 1],
    ['a square', (t) => t * t],
    ['a cube', (t) => 5 * t ** 3],
    ['a square that stands still', (t) => (t - 0.7) ** 2],
    ['an exponential', Math.exp],
    ['a logistic function', (t) => 1 / (1 + Math.exp(-8 * t))],
    ['a sine of a hundred', (t) => Math.sin(t) / 100],
    ['a sum with rounding', (t) => 1000 + t - 999],
  ])('sees none in %s', (_, f) => {
    for (const x of [0.7, -0.2, 1.9]) {
      // What rounding makes of a slope is no kink to speak of: below what a gradient may be off at that ε.
      expect(kinkAt(around(f, x), x, eps), `x = ${x}`).toBeLessThan(1e-5 + 1e-15 / eps)
    }
  })

  it('sees none where the function itself jumps, or has no value', () => {
    expect(
      kinkAt(
        around((t) => Number(t > 0.7 + eps / 3), 0.7),
        0.7,
        eps,
      ),
    ).toBe(0)
    const wild = [Math.sqrt, (t: number) => (t > 0 ? Infinity : t), (t: number) => 1 / t]
    for (const f of wild) expect(kinkAt(around(f, 0), 0, eps)).toBe(0)
  })
})

it('does not take what lies beyond ε, or steps finer than x can be given', () => {
  expect(
    kinkAt(
      around((t) => Math.abs(t - 1.002), 1),
      1,
      1e-3,
    ),
  ).toBe(0)
  expect(
    kinkAt(
      around((t) => Math.abs(t - 1), 1),
      1,
      1e-16,
    ),
  ).toBe(0)
})
