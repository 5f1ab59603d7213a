import { type Tensor, tensor, zeros } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { bindCase, equationValues, goldenBounds } from '../check-equations.ts'
import { ofCase } from '../prove.ts'
import { bench } from '../test/bench.ts'
import { Affine } from '../test/layers.ts'
import { narrow, type Precision } from '../ulp.ts'
import { type Known, tolerances } from './tolerance.ts'

const wide = { dtype: 'float64' } as const
const { spec, fixture } = bench()
const [item] = spec.cases
const stored = ofCase(fixture.inputs, 'two')
const golden = ofCase(fixture.golden, 'two')
const known: Known = { spec, item, stored, golden }
const truthOf = (name: string): Tensor => golden[`float64/${name}`] as Tensor
const bound = bindCase(spec, item, equationValues(stored, golden))

/** The same case with a gradient of y that is a power of two smaller, and what comes of it. */
function scaled(factor: number): Known {
  const times = (x: Tensor): Tensor =>
    tensor(
      x.data.map((v: number) => v * factor),
      x.shape,
      { dtype: x.dtype },
    )
  const small = Object.entries(golden).map(([key, x]) => [key, key.endsWith('/y') ? x : times(x as Tensor)])
  return {
    ...known,
    stored: { ...stored, dy: times(stored['dy'] as Tensor) },
    golden: Object.fromEntries(small),
  }
}

/** The smallest number of three digits that is no less. */
function threeDigits(x: number): number {
  const digits = 10 ** (Math.floor(Math.log10(x)) - 2)
  return Math.ceil(x / digits) * digits
}
const top = (truth: Tensor, of: (i: number) => number): number =>
  Math.max(...Array.from(truth.data, (_, i) => of(i)))

describe('what an element may be away from its golden value', () => {
  const exact = goldenBounds(bound)
  const names = ['y', 'dx', 'dweight', 'dbias']

  it.each([
    ['float64', 2 ** -53, 2 ** -1074],
    ['float32', 2 ** -24, 2 ** -149],
  ] as const)('%s: every rounding of the equations, and torch’s own in float64', (dtype, unit, smallest) => {
    const of = tolerances(known, [dtype])
    for (const name of names) {
      const { errors } = exact.get(name)!
      const most = Math.max(...errors)
      const expected = 1.01 * (unit + 2 ** -53) * most + 4 * smallest
      expect(most).toBeGreaterThan(0)
      expect(of(name, truthOf(name))).toEqual({
        allowed: { [dtype]: expect.closeTo(threeDigits(expected), 18) },
      })
    }
  })

  it.each([
    ['bfloat16', 2 ** -8, 2 ** -133, 1],
    ['float16', 2 ** -11, 2 ** -24, 1],
    ['bfloat16', 2 ** -8, 2 ** -133, 2 ** -9],
  ] as const)(
    '%s: inputs that are rounded, one rounding of the result, sums in float32',
    (dtype, unit, smallest, factor) => {
      const own = scaled(factor)
      const of = tolerances(own, [dtype])
      const lines = bindCase(spec, item, equationValues(own.stored, own.golden))
      const [given, rounded] = [
        goldenBounds(lines),
        goldenBounds(lines, (v) => Math.abs(narrow(v, dtype) - v) / unit),
      ]
      for (const name of names) {
        const truth = own.golden[`float64/${name}`] as Tensor
        const expected = top(truth, (i) => {
          const [exactly, all] = [given.get(name)!.errors[i], rounded.get(name)!.errors[i]]
          expect(exactly).toBeGreaterThan(0)
          return (
            1.6 * 1.05 * (unit * (all - exactly + Math.abs(truth.data[i])) + 2 ** -24 * exactly) +
            4 * smallest
          )
        })
        const { allowed } = of(name, truth)
        expect(allowed[dtype]! / threeDigits(expected)).toBeCloseTo(1, 9)
      }
    },
  )

  it('has every type unless some are wanted', () => {
    expect(Object.keys(tolerances(known)('y', truthOf('y')).allowed)).toEqual([
      'float64',
      'float32',
      'float16',
      'bfloat16',
    ])
  })

  it('is told by name where nothing can be concluded', () => {
    const low: Precision[] = ['float16', 'bfloat16']
    const both = (why: string) => ({ allowed: {}, not: { float16: why, bfloat16: why } })
    const wild = { ...item, noDifferences: 'infinite' }
    expect(tolerances({ ...known, item: wild }, low)('y', truthOf('y'))).toEqual(both('wild'))
    expect(tolerances(known, low)('other', truthOf('y'))).toEqual(both('underived'))
    expect(tolerances({ ...known, spec: null }, low)('y', truthOf('y'))).toEqual(both('underived'))
    expect(tolerances({ ...known, item: null }, low)('y', truthOf('y'))).toEqual(both('underived'))
    // A layer whose answer changes by more than rounding where its inputs are rounded: always, here.
    const create = (): Affine => {
      const layer = new Affine(zeros([3, 4], wide), zeros([3], wide))
      const forward = layer.forward.bind(layer)
      layer.forward = (x) => {
        const y = forward(x)
        y.data[1] += 50
        return y
      }
      return layer
    }
    const steep = { ...spec, create }
    expect(tolerances({ ...known, spec: steep }, low)('y', truthOf('y'))).toEqual(both('steep'))
  })

  it('is loose where it is as large as the largest value', () => {
    const small = tensor(
      Array.from(truthOf('dbias').data, (v) => v * 1e-9),
      [3],
      wide,
    )
    expect(tolerances(known, ['float32', 'float64'])('dbias', small)).toEqual({
      allowed: { float64: expect.any(Number) },
      not: { float32: 'loose' },
    })
    expect(tolerances(known, ['float32'])('dbias', zeros([3], wide)).allowed).toHaveProperty('float32')
  })

  it('is wild where a type has no such number', () => {
    const large = tensor([70_000, 1, 1], [3], wide)
    const { allowed, not } = tolerances(known, ['float16', 'bfloat16'])('dbias', large)
    expect([allowed, not]).toEqual([{}, { float16: 'wild', bfloat16: 'steep' }])
  })
})

describe('without equations', () => {
  it('of a network it is four times PyTorch’s own error, and none in the small types', () => {
    const truth = tensor([0.5, 100], [2], wide)
    const own = { ...known, spec: null, golden: { 'float32/y': tensor([0.5, 100.5]) } }
    expect(tolerances(own)('y', truth)).toEqual({
      allowed: { float64: expect.any(Number), float32: 2 },
      not: { float16: 'underived', bfloat16: 'underived' },
    })
  })

  it.each([
    [1.0049, 1.01],
    [1.005, 1.01],
    [1, 1],
    [2.491, 2.5],
    [9.991, 10],
    [5.552, 5.56],
    [0.01234, 0.0124],
  ])('of a schedule it is four roundings in three digits, never less: %f is %f', (want, expected) => {
    const truth = tensor([want * 2 ** 22, 1], [2], wide)
    const schedule = { ...known, spec: { kind: 'schedule' } as never }
    expect(tolerances(schedule, ['float32'])('lr', truth)).toEqual({
      allowed: { float32: expect.closeTo(expected, 12) },
    })
  })
})
