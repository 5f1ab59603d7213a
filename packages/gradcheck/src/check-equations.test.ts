import { tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { equationValues } from './check-equations.ts'
import type { Step } from './equations/derivation.ts'
import { proveCase } from './prove.ts'
import { bench, derivation, problemsOf, withGolden } from './test/bench.ts'

/** What is said where one line reads otherwise; `golden` is left as the derivation has it. */
function withLine(id: string, equation: string, more: Partial<Step> = {}): string[] {
  const steps = derivation.steps.map((step) => (step.id === id ? { ...step, equation, ...more } : step))
  return problemsOf(bench({ derivation: { ...derivation, steps } }))
}

describe('equations alone see', () => {
  it('a line that is wrong, and name it, the element and what it says', () => {
    const line = 'dx[n,i] = sum(dy[n,o] * w[o,i], o) + (n == 1) * (i == 2)'
    const problems = withLine('dx', line)
    // Its bound is that of the right line and a rounding more.
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(
      /^equations: step 'dx' of the derivation: at \[1,2\] the line gives (-?[\d.]+), expected (-?[\d.]+)\n {4}dx\[n,i\] = /,
    )
    const [, got, expected] = /gives (-?[\d.]+), expected (-?[\d.]+)/.exec(problems[0])!
    expect(Number(got) - Number(expected)).toBeCloseTo(1, 12)
    expect(problems[0].endsWith(line)).toBe(true)
  })

  it('a line that is off by 1e-11 of the largest element', () => {
    expect(withLine('db', 'db[o] = 1.00000000001 * sum(dy[n,o], n)')).toHaveLength(1)
    expect(withLine('db', 'db[o] = 1.0000000000001 * sum(dy[n,o], n)')).toEqual([])
  })

  it('a line in the matrix notation', () => {
    const problems = withLine('dx-matrix', "dx = x * w' * w")
    expect(problems).toEqual([
      expect.stringMatching(/^equations: step 'dx-matrix' of the derivation: at \[\d,\d\]/),
    ])
    expect(withLine('dx-matrix', "dx = (dy * w)'")).toEqual([
      expect.stringContaining("step 'dx-matrix' of the derivation: gives shape [4,2], expected [2,4]"),
    ])
  })

  it('a chain rule that multiplies with another gradient, though its value is right', () => {
    expect(withLine('dx-chain', 'dx[n,i] = sum(dy[n,o] * diff(y[m,o], x[n,i]), m, o)')).toEqual([
      expect.stringContaining('the chain rule multiplies ∂y[m, o] with dy[m, o], not dy[n, o]'),
    ])
  })

  it('an index that is open', () => {
    const [problem, ...others] = withLine('db', 'db[o] = dy[n,o]')
    expect(problem).toMatch(
      /^equations: step 'db' of the derivation: index n is open on the right and not on the left: is a sum missing\?\n/,
    )
    // No bounds follow from it: nothing but double's rounding is allowed.
    expect(others.map((line) => line.split(':')[0])).toEqual(others.map(() => 'golden'))
  })

  it('a tensor that the case does not have', () => {
    const [problem] = withLine('dx-chain', 'dx[n,i] = sum(du[n,o] * w[o,i], o)')
    expect(problem).toContain(
      "step 'dx-chain' of the derivation: 'du' is no size, index or tensor of this case",
    )
  })
})

it('golden values that are wrong in float64 are not taken for the truth', () => {
  const wrong = withGolden(bench({ linear: [] }), (key, value) => {
    if (key.endsWith('/dbias')) value.data[2] += 1e-10
    return value
  })
  const problems = problemsOf(wrong)
  expect(problems[0]).toMatch(/^equations: step 'db' of the derivation: at \[2\]/)
  expect(problems.slice(1).map((line) => line.slice(0, 40))).toEqual([
    'golden: float64 on reference, dbias [2]:',
  ])
})

it('where nothing is finite no line is evaluated', () => {
  const { spec, fixture } = bench()
  const [item] = spec.cases
  const wild = { ...item, noDifferences: 'infinities' }
  expect(proveCase(spec, wild, fixture, ['reference']).steps).toEqual([])
  expect(
    proveCase(spec, item, fixture, ['reference']).steps.map(({ id, elements }) => [id, elements]),
  ).toEqual([
    ['y', 6],
    ['dx-chain', 8],
    ['dx', 8],
    ['dw', 12],
    ['db', 3],
    ['dx-matrix', 8],
  ])
})

it('values are what is stored, in float64, and torch’s float64 results', () => {
  const values = equationValues(
    { x: tensor([0.1]), target: tensor(Int32Array.of(2)) },
    { 'float32/y': tensor([1]), 'float64/y': tensor([2], [1], { dtype: 'float64' }) },
  )
  expect(Object.entries(values).map(([name, { dtype, data }]) => [name, dtype, data[0]])).toEqual([
    ['x', 'float64', Math.fround(0.1)],
    ['target', 'int32', 2],
    ['y', 'float64', 2],
  ])
})
