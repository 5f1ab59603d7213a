import { describe, expect, test } from 'vitest'
import { addToOdd, fma } from './fma.ts'
import { Generator } from './generator.ts'

/** a · 2ᵉ with a whole a, exactly. */
function exact(value: number): { whole: bigint; exponent: number } {
  let exponent = 0
  let scaled = value
  while (!Number.isInteger(scaled)) {
    scaled *= 2
    exponent--
  }
  return { whole: BigInt(scaled), exponent }
}

/** The double next to whole · 2^exponent: `Number` of a bigint rounds to nearest, ties to even. */
function rounded(whole: bigint, exponent: number): number {
  return Number(whole) * 2 ** exponent
}

function sum(a: ReturnType<typeof exact>, b: ReturnType<typeof exact>): ReturnType<typeof exact> {
  const exponent = Math.min(a.exponent, b.exponent)
  return {
    whole: (a.whole << BigInt(a.exponent - exponent)) + (b.whole << BigInt(b.exponent - exponent)),
    exponent,
  }
}

function exactFma(a: number, b: number, c: number): number {
  const [p, q] = [exact(a), exact(b)]
  const { whole, exponent } = sum({ whole: p.whole * q.whole, exponent: p.exponent + q.exponent }, exact(c))
  return rounded(whole, exponent)
}

describe('fma', () => {
  test('known ties, where two roundings go wrong', () => {
    expect(fma(1 + 2 ** -52, 1 + 2 ** -52, -1 - 2 ** -51)).toBe(2 ** -104)
    expect(fma(2 ** 27 + 1, 2 ** 26 + 1, 1)).toBe(exactFma(2 ** 27 + 1, 2 ** 26 + 1, 1))
    // Just below a tie: what is left to add, rounded by itself, would be the tie.
    expect(fma(1 + 2 ** -27, (1 - 2 ** -27) * 2 ** -53, 1 + 2 ** -52)).toBe(1 + 2 ** -52)
    expect(fma(0.1, 10, -1)).toBe(2 ** -54)
    expect([fma(3, 4, 5), fma(0, 5, 0.1), fma(2, 0.25, -0.5)]).toEqual([17, 0.1, 0])
  })

  test('20,000 random triples, as exact arithmetic rounds them', () => {
    const generator = new Generator(0)
    const scaled = () => (generator.random53() - 0.5) * 2 ** ((generator.random32() % 60) - 30)
    let different = 0
    for (let i = 0; i < 20_000; i++) {
      const [a, b] = [scaled(), scaled()]
      // A third nearly cancel, a third are far smaller: what double rounding shows in.
      const c = [scaled(), -a * b * (1 + 2 ** -52), a * b * 2 ** -54][i % 3]
      const expected = exactFma(a, b, c)
      if (fma(a, b, c) !== expected)
        throw new Error(`fma(${a}, ${b}, ${c}) is ${fma(a, b, c)}, not ${expected}`)
      if (a * b + c !== expected) different++
    }
    expect(different).toBeGreaterThan(5000)
  })
})

test('addToOdd: exact when it can be, else the odd neighbour', () => {
  expect(addToOdd(1, 2)).toBe(3)
  expect(addToOdd(1, 2 ** -60)).toBe(1 + 2 ** -52)
  expect(addToOdd(1, -(2 ** -60))).toBe(1 - 2 ** -53)
  expect(addToOdd(-1, -(2 ** -60))).toBe(-1 - 2 ** -52)
  expect(addToOdd(1 + 2 ** -52, 2 ** -60)).toBe(1 + 2 ** -52)
  expect(addToOdd(1 + 2 ** -52, -(2 ** -60))).toBe(1 + 2 ** -52)
  // Rounded to double first, 1 + 2⁻²⁴ + 2⁻⁶⁰ is a tie that goes down.
  expect(Math.fround(addToOdd(1 + 2 ** -24, 2 ** -60))).toBe(1 + 2 ** -23)
  expect(Math.fround(1 + 2 ** -24 + 2 ** -60)).toBe(1)
})
