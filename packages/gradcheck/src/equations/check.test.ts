import { describe, expect, it } from 'vitest'
import { derive, indices, t } from '../test/equations.ts'
import { boundsOfGoldens } from './bounds.ts'
import { chainRuleProblem } from './chain-rule.ts'
import { checkDerivation, type StepResult } from './check.ts'
import { costOfStep } from './cost.ts'
import type { Binding, Step } from './derivation.ts'
import { modelOf, parseSteps } from './model.ts'

const tensors = {
  x: t([
    [1, 2, 3],
    [4, 5, 6],
  ]),
  y: t([6, 15]),
  dy: t([10, -1]),
  dx: t([
    [10, 10, 10],
    [-1, -1, -1],
  ]),
}
const binding: Binding = { sizes: { I: 2, J: 3, K: 2, M: 2, p: 3 }, tensors }

const check = (
  lines: Readonly<Record<string, string | Partial<Step>>>,
  more: Partial<Binding> = {},
  only?: string,
): StepResult[] => checkDerivation(derive(lines, { indices }), { ...binding, ...more }, only)
const problems = (...args: Parameters<typeof check>): (string | null)[] =>
  check(...args).map(({ problem }) => problem)

describe('a line', () => {
  it('that holds has no problem, and says how many elements it was compared in', () => {
    expect(check({ y: 'y[i] = sum(x[i,j], j)', dx: 'dx[i,j] = dy[i]' })).toEqual([
      { id: 'y', elements: 2, difference: 0, problem: null },
      { id: 'dx', elements: 6, difference: 0, problem: null },
    ])
  })

  it('that does not is named with the element that is furthest off', () => {
    expect(
      check({ y: 'y[i] = sum(x[i,j], j) + i', dx: 'dx[i,j] = dy[i] + (i == 0) * (j == 2) * 3 - (j == 1)' }),
    ).toEqual([
      { id: 'y', elements: 2, difference: 1 / 15, problem: 'at [1] the line gives 16, expected 15' },
      { id: 'dx', elements: 6, difference: 0.3, problem: 'at [0,2] the line gives 13, expected 10' },
    ])
  })

  it('is said to meet no number where the layer left none', () => {
    expect(
      problems({ y: 'y[i] = sum(x[i,j], j)' }, { tensors: { ...tensors, y: t([6, Number.NaN]) } }),
    ).toEqual(['at [1] the line gives 15, the layer no number (NaN)'])
  })

  it('may be off by 1e-12 of the largest element, or of 1', () => {
    const off = (by: string) => problems({ y: `y[i] = sum(x[i,j], j) + ${by}` })
    expect(off('1.4e-11')).toEqual([null])
    expect(off('1.7e-11')).toEqual([expect.stringMatching(/^at \[\d\] the line gives/)])
    const small = { y: t([1e-3, 2e-3]) }
    expect(problems({ y: 'y[i] = (i + 1) / 1000 + 9e-13' }, { tensors: { ...tensors, ...small } })).toEqual([
      null,
    ])
    expect(problems({ y: 'y[i] = (i + 1) / 1000 + 1.1e-12' }, { tensors: { ...tensors, ...small } })).toEqual(
      [expect.any(String)],
    )
  })

  it('that gives NaN or infinity where the value is a number is wrong, and right where it is such', () => {
    const wild = { tensors: { ...tensors, y: t([Number.NaN, Infinity]) } }
    expect(problems({ y: 'y[i] = log(i - 1)' })).toEqual([expect.stringContaining('gives NaN, expected 6')])
    expect(problems({ y: 'y[i] = i == 0 ? log(-1) : Infinity' }, wild)).toEqual([null])
    expect(problems({ y: 'y[i] = i == 0 ? 0 : Infinity' }, wild)).toEqual([expect.stringContaining('at [0]')])
  })

  it('must agree with the line before it, also where each agrees with the value', () => {
    const lines = { a: 'y[i] = sum(x[i,j], j) + 9e-12', b: 'y[i] = sum(x[i,j], j) - 9e-12' }
    expect(problems(lines)).toEqual([
      null,
      expect.stringMatching(/^does not agree with the line before it, a: 1\.2\d*e-12 apart$/),
    ])
    expect(
      problems({
        a: 'y[i] = sum(x[i,j], j) + 9e-12',
        z: 'dx[i,j] = dy[i]',
        b: 'y[i] = sum(x[i,j], j) - 9e-12',
      })[2],
    ).toMatch(/^does not agree with the line before it, a:/)
  })

  it('of a symbol that the case does not have, or that does not apply, is not evaluated', () => {
    const nothing = { elements: 0, difference: 0, problem: null }
    expect(check({ z: 'z[i] = 7', never: { equation: 'y[i] = 7', when: 'I == 3' } })).toEqual([
      { id: 'z', ...nothing },
    ])
  })

  it('that throws is a problem', () => {
    expect(check({ y: 'y[i] = q[i]' })).toEqual([
      { id: 'y', elements: 0, difference: Infinity, problem: "'q' is no size, index or tensor of this case" },
    ])
  })

  it('of another shape is a problem', () => {
    expect(problems({ y: 'y[j] = j' })).toEqual(['gives shape [3], expected [2]'])
  })

  it('that would take too long in a case is left to the others', () => {
    const big = {
      sizes: { ...binding.sizes, I: 1001, J: 1000 },
      tensors: { ...tensors, y: t(new Array(1001).fill(0)) },
    }
    expect(check({ y: 'y[i] = sum(0 * j, j)' }, big)).toEqual([
      { id: 'y', elements: 0, difference: 0, problem: null },
    ])
    const less = { ...big, sizes: { ...big.sizes, J: 100 } }
    expect(check({ y: 'y[i] = sum(0 * j, j)' }, less)).toMatchObject([{ elements: 1001 }])
  })

  it('may be asked for alone', () => {
    expect(check({ a: 'y[i] = 0', b: 'dx[i,j] = 0' }, {}, 'b').map(({ id }) => id)).toEqual(['b'])
  })
})

describe('an identity', () => {
  it('is evaluated on both sides, over all of its open indices', () => {
    expect(check({ same: 'y[i] + 0 = sum(x[i,j], j)' })).toEqual([
      { id: 'same', elements: 2, difference: 0, problem: null },
    ])
    expect(problems({ other: 'y[i] + 0 = sum(x[i,j], j) + 1' })).toEqual(
      ['at [1] the line gives 16, expected 15'].map(() => expect.stringMatching(/^at \[[01]\]/)),
    )
    expect(problems({ diff: 'diff(x[i,j]^2, x[i,j]) = 2 * x[i,j]' })).toEqual([null])
    expect(problems({ diff: 'diff(x[i,j]^2, x[i,j]) = 3 * x[i,j]' })).toEqual([
      expect.stringContaining('at [1,2] the line gives 18, expected 12'),
    ])
  })

  it('is differentiated by a tensor without axes, through the lines that hold it', () => {
    // u[i] = 2·c + x[i,0], with c = 3.
    const own = { tensors: { ...tensors, c: t(3), u: t([7, 10]), du: t([10, -1]), dc: t(18) } }
    const u = 'u[i] = 2 * c + x[i, 0]'
    expect(problems({ u, dc: 'dc = sum(du[i] * diff(u[i], c), i)' }, own)).toEqual([null, null])
    expect(problems({ u, d: 'diff(u[i] * c, c) = 2 * c + u[i]' }, own)).toEqual([null, null])
    expect(problems({ u, d: 'diff(u[i], c) = 3' }, own)[1]).toMatch(/gives 3, expected 2/)
  })

  it('of smooth functions must also be the symbolic derivative', () => {
    const own = { sizes: { ...binding.sizes, z: 2, k: 3 } }
    expect(problems({ d: 'diff(z^2, z) = 2*z' }, own)).toEqual([null])
    expect(problems({ d: 'diff(exp(k*z), z) = k*exp(k*z)' }, { sizes: { ...own.sizes, k: 0.5 } })).toEqual([
      null,
    ])
    // Right at z = 2 alone.
    expect(problems({ d: 'diff(z^2, z) = z + 2' }, own)).toEqual([
      'at z = -1.7 the symbolic derivative is -3.4, the line says 0.30000000000000004',
    ])
    expect(problems({ d: 'diff(z^3, z) = 12' }, own)).toEqual([
      expect.stringMatching(/^at z = -1\.7 the symbolic derivative is/),
    ])
  })
})

describe('a line of whole tensors', () => {
  const matrix = (equation: string): Partial<Step> => ({ equation, form: 'matrix' })

  it('is evaluated as such', () => {
    expect(check({ y: matrix('y = sum(x, 1)') })).toMatchObject([{ elements: 2, problem: null }])
    expect(problems({ y: matrix('y = sum(x, 0)') })).toEqual(['gives shape [3], expected [2]'])
    expect(problems({ y: matrix('y = sum(x, 1) + y') })).toEqual(['at [1] the line gives 30, expected 15'])
  })

  it('may be one of several, by an index', () => {
    expect(check({ x: matrix('x[i] = x[i] + y[i] - y[i]') })).toMatchObject([{ elements: 6, problem: null }])
    expect(problems({ x: matrix('x[i] = x[i] + y[i]') })).toEqual(['at [1,0] the line gives 19, expected 4'])
  })

  it('is none where an extent is 0', () => {
    const empty = { sizes: { ...binding.sizes, J: 0 } }
    expect(check({ y: matrix('y = sum(x, 0)') }, empty)).toEqual([
      { id: 'y', elements: 0, difference: 0, problem: null },
    ])
  })
})

describe('an instance of the chain rule', () => {
  const said = (equation: string): string | null =>
    chainRuleProblem(parseSteps([{ id: 'a', because: '', equation }])[0])

  it.each([
    'dx[i,j] = sum(dy[k] * diff(y[k], x[i,j]), k)',
    'db = sum(dy[k,m] * diff(y[k,m], b), k, m)',
    'dx[i] = diff(L, x[i])',
    'dx[i] = sum(dy[k], k)',
    'dx[i] = sum(diff(y[k], x[i]) * dy[k], k)',
    'dx[i] = sum(dy[k] * x[i], k)',
  ])('has no problem, or is none: %s', (equation) => {
    expect(said(equation)).toBeNull()
  })

  it.each([
    ['dx[i] = sum(du[k] * diff(y[k], x[i]), k)', 'the chain rule multiplies ∂y[k] with dy[k], not du[k]'],
    ['dx[i] = sum(dy[m] * diff(y[k], x[i]), k)', 'the chain rule multiplies ∂y[k] with dy[k], not dy[m]'],
    ['dx[i] = sum(dy[k] * diff(y[k], w[i]), k)', 'the chain rule for dx[i] differentiates by x[i]'],
    ['dx[i] = sum(dy[k] * diff(y[k], x[m]), k)', 'the chain rule for dx[i] differentiates by x[i]'],
    ['dx[i] = sum(dy[k,m] * diff(y[k,m], x[i]), k)', 'the chain rule sums over all of k, m, not over k'],
    ['dx[i] = sum(dy[k] * diff(y[k], x[i]), m)', 'the chain rule sums over all of k, not over m'],
  ])('is wrong though its value may be right: %s', (equation, problem) => {
    expect(said(equation)).toBe(problem)
    expect(problems({ a: equation })).toEqual([problem])
  })
})

describe('the bounds on rounding', () => {
  const lines = {
    first: 'y[i] = 100 * sum(x[i,j], j)',
    y: 'y[i] = sum(x[i,j] * g[j], j)',
    z: 'z[i] = y[i] + c',
    part: 'r[i] = z[i]',
  }
  const own: Binding = {
    sizes: binding.sizes,
    tensors: {
      x: tensors.x,
      g: t([1, -2, 0.5]),
      c: t(8),
      y: t([0, 0]),
      z: t([0, 0]),
      r: t([0, 0]),
    },
    golden: { first: { symbol: 'r', from: 0 }, second: { symbol: 'r', from: 1 } },
  }
  const bounds = boundsOfGoldens(derive(lines, { indices, golden: { y: 'out', z: 'sum', q: 'other' } }), own)

  it('are those of the last line, element by element, by hand', () => {
    // Terms 1·1 (exact), 2·2 and 3·0.5 (a rounding each), two additions of their sum of magnitudes.
    const [zero, one] = [4 + 1.5 + 2 * (1 + 4 + 1.5), 10 + 3 + 2 * (4 + 10 + 3)]
    expect(bounds.get('out')).toEqual({ errors: Float64Array.of(zero, one), size: 17, from: 0 })
  })

  it('follow the lines: what y may be off, and the sum with c', () => {
    const { errors, size } = bounds.get('sum')!
    const [zero, one] = bounds.get('out')!.errors
    expect([...errors]).toEqual([zero + 6.5 + 8, one + 17 + 8])
    expect(size).toBe(25)
  })

  it('are given for the symbols that the case has, and for parts of them', () => {
    expect([...bounds.keys()]).toEqual(['out', 'sum', 'first', 'second'])
    expect([bounds.get('first')!.from, bounds.get('second')!.from]).toEqual([0, 1])
    expect(bounds.get('second')!.errors).toEqual(bounds.get('sum')!.errors)
  })

  it('are exact for sizes, indices and whole numbers, and rounded once where float32 does not hold them', () => {
    const of = (equation: string, more: Partial<Binding> = {}) => [
      ...boundsOfGoldens(derive({ y: equation }, { indices, golden: { y: 'y' } }), {
        ...own,
        golden: {},
        ...more,
      }).get('y')!.errors,
    ]
    expect(of('y[i] = I * J + i')).toEqual([0, 0])
    expect(of('y[i] = p / 10')).toEqual([0.3, 0.3])
    expect(of('y[i] = 1 / (p + 1)')).toEqual([0, 0])
    expect(of('y[i] = x[i,0] / c')).toEqual([1 / 8, 4 / 8])
    expect(of('y[i] = 1 / c', { whole: ['c'] })).toEqual([0, 0])
    expect(of('y[i] = 1 / g[2]')).toEqual([2, 2])
    expect(of('y[i] = (x[i,0] > 2) * x[i,1]')).toEqual([0, 0])
  })

  it('do not exist where no line says what an element is', () => {
    const none = () =>
      boundsOfGoldens(derive({ a: { equation: 'y = x', form: 'matrix' } }, { indices, golden: { y: 'y' } }), {
        ...own,
        golden: {},
      })
    expect(none).toThrow(new Error('no line of the derivation defines y element by element'))
  })

  it('have a finite size', () => {
    const wild = {
      ...own,
      tensors: {
        ...own.tensors,
        x: t([
          [Infinity, 0, 0],
          [1, 2, 3],
        ]),
      },
    }
    const { errors, size } = boundsOfGoldens(derive(lines, { indices, golden: { y: 'out' } }), wild).get(
      'out',
    )!
    expect([Number.isFinite(errors[0]), size]).toEqual([false, 1 + 4 + 1.5])
  })
})

describe('what a line costs', () => {
  const cost = (equation: string, more: Readonly<Record<string, string>> = {}): number => {
    const model = modelOf(derive({ line: equation, ...more }, { indices }), {
      ...binding,
      sizes: { I: 10, J: 20, K: 30, M: 2 },
    })
    return costOfStep(model, model.steps[0])
  }

  it('grows with the elements on the left and the rounds of each sum', () => {
    const one = cost('y = x[i,j]')
    expect(cost('y[i] = x[i,j]')).toBe(10 * one)
    expect(cost('y[i,k] = x[i,j]')).toBe(300 * one)
    expect(cost('y = sum(x[i,j], j)')).toBe(1 + 20 * one)
    expect(cost('y = max(x[i,j], j, k)')).toBe(1 + 600 * one)
    expect(cost('y = argmax(x[i,j], j)')).toBe(1 + 20 * one)
    expect(cost('y[i] = sum(sum(x[i,j], j), k)')).toBe(10 * (1 + 30 * (1 + 20 * one)))
  })

  it('is less where an equality lets few rounds through', () => {
    const body = '(k == i) * x[i,j]'
    expect(cost(`y[i] = sum(${body}, k, j)`)).toBe(10 * (1 + 20 * cost(`y = ${body}`)))
    expect(cost(`y[i] = sum((${body}) * 2, k, j)`)).toBe(10 * (1 + 20 * cost(`y = (${body}) * 2`)))
    expect(cost('y[i] = sum((k >= i) * x[i,j], k, j)')).toBe(10 * (1 + 600 * cost('y = (k >= i) * x[i,j]')))
  })

  it('counts the lines that a derivative goes through, and both sides of an identity', () => {
    const direct = cost('d = diff(w[j]^2, w[j])')
    expect(cost('d = diff(u[j], w[j])', { u: 'u[i] = sum(w[j] * w[j], j, k)' })).toBeGreaterThan(600)
    expect(cost('d = diff(u[j], w[j])', { u: 'u[i] = sum(z[j] * z[j], j, k)' })).toBeLessThan(10)
    expect(cost('diff(w[j]^2, w[j]) = w[j]')).toBeGreaterThan(20 * direct)
    expect(cost('d = diff(u[j], w[j])', { u: 'u[i] = u[i-1] + w[i]' })).toBeLessThan(1000)
  })
})
