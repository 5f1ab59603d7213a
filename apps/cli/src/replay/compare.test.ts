import { Generator, randn, type Tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import type { Allowance } from './allowance.ts'
import { compareStep, type Row } from './compare.ts'
import { sampledPlaces, statsOf } from './samples.ts'
import { recordOf, t } from './test/by-hand.ts'

/** One tensor of ours against one of PyTorch's, with its statistics as they are unless told. */
function compare(
  ours: Tensor,
  theirs: Tensor,
  allowance: Allowance,
  stats: readonly number[] = statsOf(theirs),
): Row {
  const record = recordOf(
    { tensors: ['first', 'y.0'] },
    {
      '0/first': t([7]),
      '0/y.0': theirs.reshape([-1]),
      '0/stats': t([
        [7, 7, 7, 7, 0],
        [...stats, 0],
      ]),
    },
  )
  const allowances = { first: { all: 0, more: null }, 'y.0': allowance }
  const [first, row] = compareStep(record, 0, { first: t([7]), 'y.0': ours }, allowances)
  expect(first).toEqual({
    tensor: 'first',
    shape: [1],
    verdict: 'exact',
    difference: 0,
    allowed: 0,
    flipped: 0,
    scale: 7,
  })
  return row
}

const none: Allowance = { all: 0, more: null }
const theirs = t([
  [1, -2, 3],
  [4, -8, 6],
])
/** The same with one element moved. */
const moved = (at: number, by: number): Tensor => {
  const copy = theirs.clone()
  copy.data[at] += by
  return copy
}

describe('a tensor', () => {
  it('of the same bits is exact, whatever is allowed', () => {
    const exact = { tensor: 'y.0', shape: [2, 3], verdict: 'exact', difference: 0, flipped: 0, scale: 8 }
    expect(compare(theirs, theirs, none)).toEqual({ ...exact, allowed: 0 })
    expect(compare(theirs, theirs, { all: 0.5, more: null })).toEqual({ ...exact, allowed: 0.5 })
  })

  it('is close where each element is within what is allowed, −0 for 0 too', () => {
    expect(compare(moved(2, 0.25), theirs, { all: 0.25, more: null })).toEqual({
      tensor: 'y.0',
      shape: [2, 3],
      verdict: 'close',
      difference: 0.25,
      allowed: 0.25,
      flipped: 0,
      scale: 8,
    })
    expect(compare(t([-0, 1]), t([0, 1]), none).verdict).toBe('close')
  })

  it('is apart where one is by a little more, which is named', () => {
    for (const [at, index] of [
      [0, '[0,0]'],
      [4, '[1,1]'],
      [5, '[1,2]'],
    ] as const) {
      const row = compare(moved(at, -0.2501), theirs, { all: 0.25, more: null })
      expect(row).toMatchObject({ verdict: 'apart', flipped: 1 })
      expect(
        row.message!.startsWith(
          `${index}: expected ${theirs.data[at]}, got ${theirs.data[at] - 0.2501}, 0.250 apart`,
        ),
      ).toBe(true)
      expect(row.message).toContain('allowed 0.250')
    }
    expect(compare(moved(1, Number.NaN), theirs, { all: 100, more: null })).toMatchObject({
      verdict: 'apart',
      message: expect.stringContaining('[0,1]: expected -2, got NaN'),
      difference: Infinity,
    })
  })

  it('may be further off in the elements that a close decision reaches: those count as flipped', () => {
    const more = t([
      [0, 0, 0],
      [0, 5, 0],
    ])
    const allowance = { all: 0.25, more }
    expect(compare(moved(4, 5.25), theirs, allowance)).toMatchObject({
      verdict: 'close',
      difference: 5.25,
      allowed: 5.25,
      flipped: 1,
    })
    expect(compare(moved(4, 5.26), theirs, allowance)).toMatchObject({ verdict: 'apart' })
    expect(compare(moved(3, 0.26), theirs, allowance).message).toContain('[1,0]')
    expect(compare(moved(4, 0.2), theirs, allowance).flipped).toBe(0)
  })

  it('says its largest difference, and what is allowed there', () => {
    const ours = t([
      [1.1, -2, 3],
      [4, -8, 6.2],
    ])
    const more = t([
      [9, 0, 0],
      [0, 0, 1],
    ])
    const { difference, allowed } = compare(ours, theirs, { all: 0.25, more })
    expect([difference, allowed]).toEqual([expect.closeTo(0.2, 12), 1.25])
  })
})

describe('a tensor of more than 256 elements', () => {
  const [rows, columns] = [30, 20]
  const whole: Tensor = randn([rows, columns], { generator: new Generator(5), dtype: 'float64' })
  const places = sampledPlaces(rows * columns)
  const sample = t(Array.from(places, (place) => whole.data[place]))
  const nudged = (place: number, by: number): Tensor => {
    const copy = whole.clone()
    copy.data[place] += by
    return copy
  }
  const against = (ours: Tensor, allowance: Allowance): Row =>
    compare(ours, sample, allowance, statsOf(whole))

  it('is compared where elements were recorded, and the place in the whole is named', () => {
    expect(against(whole, none).verdict).toBe('exact')
    for (const i of [0, 100, 255]) {
      const [row, column] = [Math.floor(places[i] / columns), places[i] % columns]
      const { verdict, message } = against(nudged(places[i], 1e-3), { all: 1e-4, more: null })
      expect([verdict, message!.split(':')[0]]).toEqual(['apart', `[${row},${column}]`])
    }
  })

  it('takes what is allowed from the place in the whole', () => {
    const more: Tensor = whole.clone()
    more.data.fill(0)
    more.data[places[200]] = 1
    expect(against(nudged(places[200], 0.9), { all: 0, more }).verdict).toBe('close')
    expect(against(nudged(places[201], 0.9), { all: 0, more }).verdict).toBe('apart')
  })

  it('is held to its statistics in the others', () => {
    const other = Array.from({ length: rows * columns }, (_, i) => i).find((i) => !places.includes(i))!
    const { verdict, message } = against(nudged(other, 1e-3), { all: 1e-9, more: null })
    expect([verdict, message!.split(':')[0]]).toEqual(['apart', 'sum'])
    expect(against(nudged(other, 1e-9), { all: 1e-9, more: null }).verdict).toBe('exact')
  })
})

describe('the statistics', () => {
  // 6 elements: sum 4, norm √130, from −8 to 6.
  const [sum, norm, min, max] = statsOf(theirs)
  const said = (stats: readonly number[], allowance: Allowance): string | undefined =>
    compare(theirs, theirs, allowance, stats).message

  it('are those of the elements', () => {
    expect([sum, norm, min, max]).toEqual([4, Math.sqrt(130), -8, 6])
    expect(said([sum, norm, min, max], none)).toBeUndefined()
    expect(statsOf(t([]))).toEqual([0, 0, Infinity, -Infinity])
  })

  const all = { all: 0.01, more: null }
  it.each([
    ['sum', 0, 6 * 0.01],
    ['norm', 1, Math.sqrt(6) * 0.01],
    ['smallest element', 2, 0.02],
    ['largest element', 3, 0.02],
  ])('the %s may be off by what the elements may be together, and no more', (name, at, allowed) => {
    const off = (by: number): number[] =>
      [sum, norm, min, max].map((value, i) => (i === at ? value + by : value))
    for (const sign of [1, -1]) {
      expect(said(off(sign * allowed * 0.999), all)).toBeUndefined()
      expect(said(off(sign * allowed * 1.001), all)).toMatch(
        new RegExp(`^${name}: expected .* apart, allowed ${allowed.toPrecision(3)}$`),
      )
    }
    const [expected, got] = [off(2 * allowed)[at], off(0)[at]]
    expect(said(off(2 * allowed), all)).toBe(
      `${name}: expected ${expected}, got ${got}, ${(2 * allowed).toPrecision(3)} apart, allowed ${allowed.toPrecision(3)}`,
    )
    expect(said(off(Number.NaN), all)).toMatch(new RegExp(`^${name}: expected NaN`))
  })

  it.each([
    ['sum', 0, 7],
    ['norm', 1, 5],
    ['smallest element', 2, 4],
    ['largest element', 3, 4],
  ])('the %s may be further off by what close decisions make: 3, −0 and 4 of it', (name, at, allowed) => {
    const more = t([
      [3, 0, 0],
      [0, 4, 0],
    ])
    const off = (by: number): number[] =>
      [sum, norm, min, max].map((value, i) => (i === at ? value + by : value))
    expect(said(off(allowed * 0.999), { all: 0, more })).toBeUndefined()
    expect(said(off(allowed * 1.001), { all: 0, more })).toContain(name)
  })

  it('are sums in float64 themselves', () => {
    const rounding = 6 * 4 * 2 ** -53
    expect(said([sum + rounding * 0.9, norm, min, max], none)).toBeUndefined()
    expect(said([sum + rounding * 2, norm, min, max], none)).toMatch(/^sum: /)
  })
})

it('places are all of few elements, and 256 of many, in order', () => {
  expect([...sampledPlaces(5)]).toEqual([0, 1, 2, 3, 4])
  expect([...sampledPlaces(256)]).toEqual(Array.from({ length: 256 }, (_, i) => i))
  const many = sampledPlaces(1000)
  expect([many.length, new Set(many).size]).toEqual([256, 256])
  expect(many).toEqual(new Generator(0).randperm(1000).slice(0, 256).sort())
  expect(sampledPlaces(1000)).toBe(many)
})
