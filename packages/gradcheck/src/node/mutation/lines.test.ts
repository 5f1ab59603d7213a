import { expect, it } from 'vitest'
import { bench, derivation } from '../../test/bench.ts'
import { huntLines } from './lines.ts'

const { spec, fixture } = bench()

it('every small change of a line is named', () => {
  const { changed, named, survivors } = huntLines(spec, fixture, 1)
  expect(survivors).toEqual([])
  expect(named).toBe(changed)
  expect(changed).toBeGreaterThan(50)
  expect(huntLines(spec, fixture, 7).changed).toBe(Math.ceil(changed / 7))
})

it('what is changed in a line that nothing evaluates survives', () => {
  const steps = [...derivation.steps, { id: 'idle', equation: 'u[n] = N + n', because: '' }]
  const { changed, named, survivors } = huntLines(
    { ...spec, derivation: { ...derivation, steps } },
    fixture,
    1,
  )
  expect(survivors).toEqual([{ id: 'idle', equation: 'u[n] = N - n', change: '+ → -' }])
  expect(changed - named).toBe(1)
})

it('a change that shows in one case alone is named by that', () => {
  const steps = derivation.steps.map((step) =>
    step.id === 'db' ? { ...step, equation: 'db[o] = sum(dy[n,o], n) + (N - 1) - (N - 1)' } : step,
  )
  const of = (...rows: number[]): string[] => {
    const cases = rows.map((N) => ({ name: `${N}`, inputs: { x: { shape: [N, 4] } } }))
    const made = bench({ cases, derivation: { ...derivation, steps } })
    return huntLines(made.spec, made.fixture, 1).survivors.map(({ equation }) => equation)
  }
  // With one row N − 1 is 0, whatever its sign.
  expect(of(1)).toEqual([
    'db[o] = sum(dy[n,o], n) - (N - 1) - (N - 1)',
    'db[o] = sum(dy[n,o], n) + (N - 1) + (N - 1)',
  ])
  expect(of(1, 2)).toEqual([])
})

it('cases without finite values, and specs without a derivation, have no lines', () => {
  const cases = spec.cases.map((item) => ({ ...item, noDifferences: 'infinities' }))
  const { changed, named } = huntLines({ ...spec, cases }, fixture, 1)
  expect([changed > 0, named]).toEqual([true, 0])
  expect(huntLines({ ...spec, derivation: null }, fixture, 1)).toEqual({
    changed: 0,
    named: 0,
    survivors: [],
  })
})
