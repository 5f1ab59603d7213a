import { parse } from 'mathjs/number'
import { describe, expect, it } from 'vitest'
import { derive, indices, model, t } from '../test/equations.ts'
import { comparisons, factorsOf, isCondition, unwrap } from './conditions.ts'
import { evaluateElements, evaluateOver, freeIndices } from './elements.ts'
import { applies, definitionOf, dependents, modelOf, parseSteps, readReal } from './model.ts'

const values = {
  x: t([
    [1, -2, 3],
    [4, 5, -6],
  ]),
  v: t([2, -3, 7]),
  s: t(10),
  n: t([Number.NaN, 1, 2]),
  ties: t([3, 7, 7]),
  nans: t([Number.NaN, 9, Number.NaN]),
  at: t([2, 0, 1]),
}
const sizes = { I: 2, J: 3, K: 2, M: 2, a: 2, b: 0.5 }

/** The right side for every combination of the indices on the left. */
function evaluate(equation: string): number[] {
  const { data } = evaluateElements(
    ...((m) => [m, m.steps[0]] as const)(model({ line: equation }, values, sizes)),
  )
  return Array.from(data)
}

describe('an expression', () => {
  it.each<[string, number[]]>([
    ['y[i,j] = x[i,j]', [1, -2, 3, 4, 5, -6]],
    ['y[j,i] = x[i,j]', [1, 4, -2, 5, 3, -6]],
    ['y[i] = x[i,2]', [3, -6]],
    ['y[j] = v[j] + s', [12, 7, 17]],
    ['y[j] = v[j] - s', [-8, -13, -3]],
    ['y[j] = -v[j]', [-2, 3, -7]],
    ['y[j] = v[j] * v[j] * b', [2, 4.5, 24.5]],
    ['y[j] = s / v[j]', [5, -10 / 3, 10 / 7]],
    ['y[j] = v[j]^2', [4, 9, 49]],
    ['y[j] = s^(a - 1)', [10, 10, 10]],
    ['y[j] = (v[j] + 1) * a', [6, -4, 16]],
    ['y[i] = i + 1', [1, 2]],
    ['y[i] = exp(i - i)', [1, 1]],
    ['y[j] = sqrt(v[j]^2)', [2, 3, 7]],
    ['y[j] = log(exp(v[j]))', [2, -3, 7]],
    ['y[j] = floor(v[j] / 2)', [1, -2, 3]],
    ['y[j] = mod(v[j], 4)', [2, 1, 3]],
    ['y[j] = mod(j - 2, 3)', [1, 2, 0]],
    ['y = s', [10]],
    ['y = Infinity', [Infinity]],
    // Outside the borders there is nothing.
    ['y[j] = v[j-1]', [0, 2, -3]],
    ['y[j] = v[j+1]', [-3, 7, 0]],
    ['y[j] = v[at[j]]', [7, 2, -3]],
    ['y[j] = v[j*a]', [2, 7, 0]],
    // Cases.
    ['y[j] = v[j] > 0 ? v[j] : 0', [2, 0, 7]],
    ['y[j] = (v[j] > 0) * v[j]', [2, 0, 7]],
    ['y[j] = (j >= 1)', [0, 1, 1]],
    ['y[j] = (j > 1) + 2 * (j < 1)', [2, 0, 1]],
    ['y[j] = (j == 1)', [0, 1, 0]],
    ['y[j] = (j != 1)', [1, 0, 1]],
    ['y[j] = (j <= 1)', [1, 1, 0]],
    ['y[j] = (0 < j < 2)', [0, 1, 0]],
    ['y[j] = (0 <= j <= 1)', [1, 1, 0]],
    ['y[j] = (1 <= j < 9 - 7)', [0, 1, 0]],
    ['y[j] = (j == 0 or j == 2)', [1, 0, 1]],
    ['y[j] = (j > 0 and j < 2)', [0, 1, 0]],
    ['y[j] = (not (j == 1))', [1, 0, 1]],
    // A condition that does not hold makes its product 0, whatever the other factors are.
    ['y[j] = (j > 0) * n[j]', [0, 1, 2]],
    ['y[j] = n[j] * (j > 0)', [0, 1, 2]],
    // Sums.
    ['y[i] = sum(x[i,j], j)', [2, 3]],
    ['y[j] = sum(x[i,j], i)', [5, 3, -3]],
    ['y = sum(x[i,j] * v[j], i, j)', [2 + 6 + 21 + 8 - 15 - 42]],
    ['y[i] = sum((j > i) * x[i,j], j)', [1, -6]],
    ['y[i] = sum((k == i) * x[k,j], k, j)', [2, 3]],
    ['y[i] = sum((j == i + 1) * x[i,j] * 2, j)', [-4, -12]],
    ['y[i] = sum(sum(x[i,j], j) * (k == i), k)', [2, 3]],
    ['y[i] = sum((j > 7) * x[i,j], j)', [0, 0]],
    ['y = sum((i == 0) * (j == 2), i, j)', [1]],
    ['y[i] = sum(j, j)', [3, 3]],
    // The largest: of ties the first, of NaN the last.
    ['y[i] = max(x[i,j], j)', [3, 5]],
    ['y[i] = argmax(x[i,j], j)', [2, 1]],
    ['y = argmax(ties[j], j)', [1]],
    ['y = max(ties[j], j)', [7]],
    ['y = max(nans[j], j)', [Number.NaN]],
    ['y = argmax(nans[j], j)', [2]],
    ['y = argmax(n[j], j)', [0]],
    ['y = max(-v[j], j)', [3]],
    ['y[i] = max(max(x[i,j], j) + k, k)', [4, 6]],
  ])('%s', (equation, expected) => {
    expect(evaluate(equation)).toEqual(expected.map((value) => (value === 0 ? expect.closeTo(0) : value)))
  })

  it.each([
    ['y = max(v[j], j)', { J: 0 }, "'max(v[j], j)': there is no maximum of nothing"],
    ['y[i] = tan(i)', {}, "equations know no function 'tan'"],
    ['y[i] = i!', {}, "'i!': the operator ! is not part of the notation"],
    ['y[i] = "a"', {}, `'"a"': is no number`],
    ['y[i] = [1, 2]', {}, "'[1, 2]': ArrayNode is not part of the notation"],
    ['y[i] = sum(i, a)', {}, "'sum(i, a)': a is not an index"],
    ['y[i] = max(i, a)', {}, "'max(i, a)': a is not an index"],
    ['y[i] = i ? 1 : 2', {}, "'i': is no condition"],
    ['y[i] = v[i / 4]', {}, 'v is read at [0.25]: no whole number'],
    ['y[i] = v[i,i]', {}, 'v has 1 axes, and is read with 2 indices'],
    ['y[i] = x[i]', {}, 'x has 2 axes, and is read with 1 indices'],
    ['y[i] = q[i]', {}, "'q' is no size, index or tensor of this case"],
    ['y[i] = Q', {}, "'Q' is no size, index or tensor of this case"],
    ['y[i] = x[i,j]', {}, 'index j is open on the right and not on the left: is a sum missing?'],
    ['y[i] = x[k,j]', {}, 'index k, j is open on the right and not on the left: is a sum missing?'],
  ] as const)('that says nothing is refused: %s', (equation, more, message) => {
    const run = (): unknown => {
      const m = model({ line: equation }, values, { ...sizes, ...more })
      return evaluateElements(m, m.steps[0])
    }
    expect(run).toThrow(new Error(message))
  })
})

describe('derivatives', () => {
  const lines = {
    u: 'u[i] = sum(w[i,j] * v[j], j)',
    y: 'y[i] = u[i]^2 + z[i]',
    line: 'd[i,k,j] = diff(y[i], w[k,j])',
    size: 'e[i] = diff(rate * z[i], rate)',
  }
  const tensors = {
    w: t([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    v: t([1, -1, 2]),
    u: t([5, 11]),
    z: t([7, 8]),
    y: t([0, 0]),
    f: t([1, 2]),
  }
  const run = (id: string, more: Record<string, string> = {}): number[] => {
    const m = model({ ...lines, ...more }, tensors, { rate: 0.25 })
    return Array.from(evaluateElements(m, m.steps.find((step) => step.id === id)!).data)
  }

  it('go through the lines that define what is differentiated', () => {
    // ∂(u_i²)/∂w_kj = (i == k) · 2 u_i v_j with u = [5, 11].
    expect(run('line')).toEqual([10, -10, 20, 0, 0, 0, 0, 0, 0, 22, -22, 44])
  })

  it('are 0 for what does not depend on it, and 1 for itself', () => {
    expect(run('f', { f: 'f[i] = diff(z[i], w[i,0])' })).toEqual([0, 0])
    expect(run('f', { f: 'f[i] = diff(w[i,1], w[i,1])' })).toEqual([1, 1])
    expect(run('f', { f: 'f[i] = diff(w[i,1], w[1,1])' })).toEqual([0, 1])
  })

  it('may be with respect to a size', () => {
    expect(run('size')).toEqual([7, 8])
    expect(run('f', { f: 'f[i] = diff(rate^2 * i, rate)' })).toEqual([0, 0.5])
    expect(() => run('f', { f: 'f[i] = diff(i, speed)' })).toThrow("'speed' is no size of this case")
  })

  it('use the first line that defines a symbol', () => {
    const later = { later: 'y[i] = 3 * u[i] + z[i]' }
    expect(run('line', later)).toEqual([10, -10, 20, 0, 0, 0, 0, 0, 0, 22, -22, 44])
  })
})

describe('a model', () => {
  it('has the lines whose condition holds, and how far its indices run', () => {
    const derivation = derive(
      {
        a: { equation: 'y = 1', when: 'N > 1 and p == 0' },
        b: { equation: 'y = 2', when: 'N == 1' },
        c: 'y = 3',
      },
      { indices: { n: 'N', h: 'floor((H + 2*p - 1) / 2) + 1' } },
    )
    const of = (N: number, p: number) => modelOf(derivation, { sizes: { N, p, H: 6 }, tensors: {} })
    expect(of(2, 0).steps.map(({ id }) => id)).toEqual(['a', 'c'])
    expect(of(2, 1).steps.map(({ id }) => id)).toEqual(['c'])
    expect(of(1, 0).steps.map(({ id }) => id)).toEqual(['b', 'c'])
    expect(of(2, 1).extents).toEqual({ n: 2, h: 4 })
    expect([...of(2, 1).slots]).toEqual([
      ['n', 0],
      ['h', 1],
    ])
    expect(applies({ id: 'x', equation: '', because: '' }, { sizes: {}, tensors: {} })).toBe(true)
  })

  it('parses its lines once', () => {
    const { steps } = derive({ a: 'y = 1' })
    expect(parseSteps(steps)).toBe(parseSteps(steps))
  })

  it('knows the first and the last line of a symbol, but not those of whole tensors', () => {
    const m = model(
      {
        a: 'y[i] = 1',
        b: 'y[i] = 2',
        c: { equation: 'y = x', form: 'matrix' },
        d: 'diff(y, x) = 1',
        e: 'z[i] = 1',
      },
      {},
    )
    expect([definitionOf(m, 'y', 'first')?.id, definitionOf(m, 'y', 'last')?.id]).toEqual(['a', 'b'])
    expect(definitionOf(m, 'x', 'first')).toBeUndefined()
  })

  it('knows what depends on a symbol, through lines in any order', () => {
    const m = model({ a: 'l = y[0]', b: 'y[i] = u[i] + 1', c: 'u[i] = w[i]', d: 'q[i] = z[i]' }, {})
    expect([...dependents(m, 'w')].sort()).toEqual(['l', 'u', 'w', 'y'])
    expect([...dependents(m, 'z')].sort()).toEqual(['q', 'z'])
  })

  it('reads 0 on each side of each border', () => {
    const m = model({}, values)
    const at = (...index: number[]): number => readReal(m, 'x', index)
    expect([at(0, 0), at(1, 2), at(0, 2), at(1, 0)]).toEqual([1, -6, 3, 4])
    expect([at(-1, 0), at(2, 0), at(0, -1), at(0, 3), at(1, 3)]).toEqual([0, 0, 0, 0, 0])
  })
})

it('an expression is evaluated for every combination of some indices, row by row', () => {
  const m = model({}, values)
  const { shape, data } = evaluateOver(m, parse('10 * j + i'), ['j', 'i'])
  expect([shape, Array.from(data)]).toEqual([
    [3, 2],
    [0, 1, 10, 11, 20, 21],
  ])
  expect(evaluateOver(m, parse('7'), [])).toEqual({ shape: [], data: Float64Array.of(7) })
})

it('an index is open unless a sum or a maximum around it runs over it', () => {
  const slots = new Map(Object.keys(indices).map((name, i) => [name, i]))
  const free = (text: string): string[] => freeIndices(parse(text), slots)
  expect(free('sum(x[i,j], j) + k')).toEqual(['i', 'k'])
  expect(free('sum(x[i,j], j) + j')).toEqual(['i', 'j'])
  expect(free('max(x[i,j], i) * argmax(x[m,j], m)')).toEqual(['j'])
  expect(free('diff(y[i], x[j])')).toEqual(['i', 'j'])
  expect(free('exp(N)')).toEqual([])
})

describe('conditions', () => {
  it('compare two numbers', () => {
    const of = (a: number, b: number) =>
      Object.entries(comparisons).flatMap(([name, holds]) => (holds(a, b) ? name : []))
    expect(of(1, 2)).toEqual(['unequal', 'smaller', 'smallerEq'])
    expect(of(2, 2)).toEqual(['equal', 'smallerEq', 'largerEq'])
    expect(of(3, 2)).toEqual(['unequal', 'larger', 'largerEq'])
  })

  it('are told from values, in brackets too', () => {
    for (const text of ['a == b', '(a < b)', '((a >= b))', 'a < b < c', 'not a', 'a and b', 'a or b'])
      expect(isCondition(parse(text)), text).toBe(true)
    for (const text of ['a', 'a + b', '(a)', 'a * (b == c)', 'f(a)', '-a'])
      expect(isCondition(parse(text)), text).toBe(false)
    expect(String(unwrap(parse('((a + b))')))).toBe('a + b')
  })

  it('are set apart from the other factors of a product', () => {
    const { conditions, values: others } = factorsOf(parse('a * (b == c) * (d * (e < f)) * (g + h)'))
    expect(conditions.map(String)).toEqual(['b == c', 'e < f'])
    expect(others.map(String)).toEqual(['a', 'd', 'g + h'])
    expect(factorsOf(parse('a == b')).values).toEqual([])
  })
})
