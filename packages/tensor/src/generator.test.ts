import { describe, expect, test } from 'vitest'
import cases from '../../../fixtures/tensor/cases.json' with { type: 'json' }
import { golden, goldenNames } from '../test/golden.ts'
import { fma } from './fma.ts'
import { allocate, DEFAULT_SEED, type FloatArray, type FloatDType, Generator } from './index.ts'

type Draw = (typeof cases.generator.draws)[number]
type Drawn = FloatArray | Int32Array | BigInt64Array

/** What torch does for `draw`, done by us. */
function draw(generator: Generator, { operation, count, dtype, arguments: [a, b] }: Draw): Drawn {
  if (operation === 'randperm') return generator.randperm(count)
  if (operation === 'random_') {
    return BigInt64Array.from({ length: count }, () => BigInt.asUintN(63, generator.random64()))
  }
  const out = allocate(dtype as FloatDType, count)
  if (operation === 'uniform_') return generator.uniform(out, a, b)
  if (operation === 'bernoulli_') return generator.bernoulli(out, a)
  return generator.normal(out, a, b)
}

/** How far our normal numbers may be from torch's, in units of their standard deviation; see `Generator.normal`. */
function allowed({ operation, count, dtype }: Draw): number {
  if (operation !== 'normal_' || (count < 16 && dtype === 'float32')) return 0
  return dtype === 'float32' ? 1e-6 : 1e-15
}

describe('the draws of torch', () => {
  test('the exporter ran where torch fuses multiply and add, and stored enough', () => {
    expect(['AVX2', 'AVX512']).toContain(cases.cpu)
    expect(goldenNames('generator').length).toBeGreaterThan(70)
  })

  test.each(cases.generator.seeds)('seed $seed: a long mixed sequence', ({ seed }) => {
    const generator = new Generator(BigInt(seed))
    cases.generator.draws.forEach((each, index) => {
      const drawn = draw(generator, each)
      const name = `generator/${seed}/${index}`
      if (goldenNames(`generator/${seed}`).includes(name)) {
        compare(drawn, golden<'float64'>(name).data, allowed(each) * (each.arguments[1] ?? 1), name)
      }
    })
  })

  test.each(cases.generator.seeds)('seed $seed: the state behind it, byte for byte', ({ seed }) => {
    const generator = new Generator(BigInt(seed))
    for (const each of cases.generator.draws) draw(generator, each)
    expectState(generator.getState(), golden<'uint8'>(`generator/${seed}/state`).data)
  })
})

/** Every number equal, or as near as `tolerance`. */
function compare(drawn: Drawn, expected: ArrayLike<number | bigint>, tolerance: number, name: string): void {
  expect(drawn.length, name).toBe(expected.length)
  for (let i = 0; i < drawn.length; i++) {
    const equal = drawn[i].toString() === expected[i].toString()
    const near = Math.abs(Number(drawn[i]) - Number(expected[i])) <= tolerance
    if (!equal && !near) throw new Error(`${name}[${i}] is ${drawn[i]}, torch has ${expected[i]}`)
  }
}

/** All bytes equal, but for the last bits of the normal number that is kept for the next call (a logarithm's). */
function expectState(state: Uint8Array, expected: Uint8Array): void {
  const spare = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getFloat64(5024, true)
  const rest = (bytes: Uint8Array) => [...bytes.subarray(0, 5024), ...bytes.subarray(5032)]
  expect(rest(state)).toEqual(rest(expected))
  expect(Math.abs(spare(state) - spare(expected))).toBeLessThan(1e-15)
}

describe('state', () => {
  const torch = golden<'uint8'>('generator/42/state').data

  test('bytes of torch come back as they are, and continue', () => {
    const generator = new Generator(0).setState(torch)
    expect(generator.getState()).toEqual(Uint8Array.from(torch))
    expect(generator.initialSeed()).toBe(42)
    const other = new Generator(7).setState(Buffer.concat([Buffer.of(1, 2, 3), torch]).subarray(3))
    expect(other.normal(new Float32Array(3))).toEqual(generator.normal(new Float32Array(3)))
    expect(other.randperm(700)).toEqual(generator.randperm(700))
  })

  test.each([0, 1, 623, 624, 625, 1248])(
    'after %i words it continues as if nothing had happened',
    (words) => {
      const straight = new Generator(3)
      for (let i = 0; i < words; i++) straight.random32()
      const resumed = new Generator().setState(straight.getState())
      for (let i = 0; i < 700; i++) expect(resumed.random32()).toBe(straight.random32())
    },
  )

  test('a spare normal number is part of it, and manualSeed drops it', () => {
    const generator = new Generator(5)
    const [first, second] = generator.normal(new Float64Array(2))
    generator.manualSeed(5).normal(new Float64Array(1))
    expect(new Generator().setState(generator.getState()).normal(new Float64Array(1))[0]).toBe(second)
    expect(generator.manualSeed(5).normal(new Float64Array(1))[0]).toBe(first)
  })

  test('a word may be as large as 32 bits allow, and no larger', () => {
    // The first word: behind the seed, `left`, `seeded` and `next`.
    const at = 8 + 16
    const largest = Uint8Array.from(torch).fill(0xff, at, at + 4)
    expect(new Generator().setState(largest).getState()).toEqual(largest)
    expect(() => new Generator().setState(Uint8Array.from(largest).fill(1, at + 4, at + 5))).toThrow(
      RangeError,
    )
  })

  test('bytes that are no state are refused, and change nothing', () => {
    const generator = new Generator(9)
    const before = generator.getState()
    const spoilt = (offset: number, byte: number) => Uint8Array.from(torch).fill(byte, offset, offset + 1)
    for (const bytes of [
      torch.subarray(1),
      new Uint8Array(5056),
      spoilt(9, 9),
      spoilt(17, 9),
      spoilt(28, 1),
    ]) {
      expect(() => generator.setState(bytes)).toThrow(/setState/)
      expect(generator.getState()).toEqual(before)
    }
  })
})

describe('seeds', () => {
  test.each(cases.generator.seeds)('initialSeed() of $seed is $initial', ({ seed, initial }) => {
    expect(String(new Generator(BigInt(seed)).initialSeed())).toBe(initial)
  })

  test('the default is torch’s, and only the low 32 bits matter to what is drawn', () => {
    expect(new Generator().initialSeed()).toBe(DEFAULT_SEED)
    expect(new Generator(2 ** 32 + 5).random64()).toBe(new Generator(5).random64())
    expect(new Generator(6).random64()).not.toBe(new Generator(5).random64())
  })

  test('what is no seed', () => {
    for (const seed of [1.5, NaN, Infinity, 2n ** 64n, -(2n ** 63n) - 1n]) {
      expect(() => new Generator(seed)).toThrow(RangeError)
    }
    const generator = new Generator(4)
    expect(() => generator.manualSeed(0.5)).toThrow('seed 0.5 is not a whole number')
    expect(generator.initialSeed()).toBe(4)
  })
})

describe('limits', () => {
  test('the upper end of a range is never drawn', () => {
    const out = new Generator(0).uniform(new Float32Array(20_000), 1, 1 + 2 ** -22)
    expect(out.every((value) => value < Math.fround(1 + 2 ** -22))).toBe(true)
    expect(new Set(out).size).toBe(2)
  })

  test('nor in double: what rounds up to it is the lower end', () => {
    // Half of all draws round to 1 + 2⁻⁵².
    const out = new Generator(0).uniform(new Float64Array(200), 1, 1 + 2 ** -52)
    expect(new Set(out)).toEqual(new Set([1]))
  })

  test('bernoulli gives 1 below p, not at it', () => {
    const p = new Generator(3).random53()
    expect([...new Generator(3).bernoulli(new Uint8Array(1), p)]).toEqual([0])
    expect([...new Generator(3).bernoulli(new Uint8Array(1), p + 2 ** -53)]).toEqual([1])
  })

  test('mean and deviation are applied with one rounding', () => {
    const standard = new Generator(2).normal(new Float64Array(15))
    const moved = new Generator(2).normal(new Float64Array(15), 0.37, 1.7)
    expect([...moved]).toEqual(Array.from(standard, (z) => fma(z, 1.7, 0.37)))
    expect([...moved]).not.toEqual(Array.from(standard, (z) => z * 1.7 + 0.37))
  })

  test('randperm refuses what is no length', () => {
    for (const n of [-1, 1.5, NaN]) expect(() => new Generator(0).randperm(n)).toThrow(`randperm(${n})`)
  })

  test('bernoulli writes bytes too, from the same draws', () => {
    const bytes = new Generator(1).bernoulli(new Uint8Array(50), 0.4)
    const floats = new Generator(1).bernoulli(new Float32Array(50), 0.4)
    expect([...bytes]).toEqual([...floats])
    expect(new Set(bytes).size).toBe(2)
  })
})

test('mark() gives what takes a generator back, as often as it is called', () => {
  const generator = new Generator(5)
  const drawn = (): number[] => [...generator.normal(new Float32Array(3)), generator.random32()]
  // Box-Muller keeps one normal for later; 1,000 words are more than one state has.
  drawn()
  const before = generator.getState()
  const back = generator.mark()
  const expected = drawn()
  for (let n = 0; n < 2; n++) {
    generator.uniform(new Float32Array(1000))
    generator.manualSeed(6)
    back()
    expect(generator.getState()).toEqual(before)
    expect(drawn()).toEqual(expected)
  }
})
