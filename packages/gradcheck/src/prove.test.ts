import { backends, currentBackend, type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { caseBounds, ofCase, proveError, proveSpec } from './prove.ts'
import type { Fixture } from './result.ts'
import type { ModuleSpec } from './spec.ts'
import { provideBackends } from './test/backends.ts'
import { type Bench, bench, derivation, problemsOf } from './test/bench.ts'

provideBackends()

const HINT = 'run `pnpm fixtures:export` (README of fixtures/ says how)'
const messages = (problems: readonly { view: string; message: string }[]): string[] =>
  problems.map(({ view, message }) => `${view}: ${message}`)

describe('a fixture is stale, which is all that is said then', () => {
  const { spec, fixture } = bench()
  const [hash] = fixture.file.cases.map((item) => item.hash)
  const withCase = (change: Partial<ModuleSpec['cases'][number]>): Bench => {
    const [item, ...others] = spec.cases
    return { spec: { ...spec, cases: [{ ...item, ...change }, ...others] }, fixture }
  }

  it.each<[string, Bench]>([
    ['another option', withCase({ options: { gain: 2 } })],
    ['another argument', withCase({ args: [4] })],
    ['another seed', withCase({ seed: 3 })],
    ['another mode', withCase({ mode: 'eval' })],
    ['another class', withCase({ torch: 'nn.Identity' })],
    ['another fill', withCase({ inputs: { x: { shape: [2, 4], fill: 'uniform' } } })],
    ['one element planted', withCase({ inputs: { x: { shape: [2, 4], plant: { 7: 1 } } } })],
    ['another shape', withCase({ inputs: { x: { shape: [4, 2] } } })],
    ['another name of an input', withCase({ inputs: { z: { shape: [2, 4] } } })],
    ['other parameters', withCase({ params: { bias: { scale: 2 } } })],
    ['another upstream gradient', withCase({ upstream: { fill: 'ties' } })],
    ['a tensor more', withCase({ tensors: { weight: { shape: [3] } } })],
  ])('where the spec now says %s', (_, changed) => {
    const [problem, ...more] = problemsOf(changed)
    expect(more).toEqual([])
    expect(problem).toMatch(
      /^fixture: the stored case is stale \(hash [0-9a-f]{16}, the spec now says [0-9a-f]{16}\); /,
    )
    expect(problem).toContain(`(hash ${hash}, `)
    expect(problem).toContain(HINT)
  })

  const stored = (change: (inputs: Record<string, Tensor>) => void): Fixture => {
    const inputs = { ...fixture.inputs } as Record<string, Tensor>
    change(inputs)
    return { ...fixture, inputs }
  }

  it.each<[string, (inputs: Record<string, Tensor>) => void]>([
    [
      'one bit differs',
      (inputs) => {
        const copy = inputs['two/x'].clone()
        copy.data[7] *= 1 + 2 ** -23
        inputs['two/x'] = copy
      },
    ],
    [
      'a tensor has another dtype',
      (inputs) => (inputs['two/x'] = tensor(inputs['two/x'].data, [2, 4], { dtype: 'float64' })),
    ],
    ['a tensor is gone', (inputs) => void delete inputs['two/x']],
    ['a tensor is there besides', (inputs) => (inputs['two/z'] = inputs['two/x'])],
    ['a parameter is another', (inputs) => (inputs['two/param.bias'] = tensor([1, 2, 3]))],
    ['the upstream gradient is another', (inputs) => (inputs['two/dy'] = tensor([1, 2, 3, 4, 5, 6], [2, 3]))],
    [
      'two tensors changed places',
      (inputs) => {
        inputs['two/x'] = inputs['two/x'].reshape([8])
      },
    ],
  ])('where of what is stored %s', (_, change) => {
    const problems = problemsOf({ spec, fixture: stored(change) })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^fixture: the stored case is stale/)
  })

  it('where the golden values were made from other inputs', () => {
    const goldenHashes = { ...fixture.goldenHashes, two: '0123456789abcdef' }
    expect(problemsOf({ spec, fixture: { ...fixture, goldenHashes } })).toEqual([
      `fixture: the golden values are of other inputs (hash 0123456789abcdef, now ${hash}); ${HINT}`,
    ])
    expect(problemsOf({ spec, fixture: { ...fixture, goldenHashes } }, 'five')).toEqual([])
    const none = { ...fixture, goldenHashes: {} }
    expect(problemsOf({ spec, fixture: none })[0]).toContain('(hash undefined, now')
  })

  it('where cases.json has another hash, or no such case', () => {
    const cases = fixture.file.cases.map((item) => (item.name === 'two' ? { ...item, hash: '0' } : item))
    expect(problemsOf({ spec, fixture: { ...fixture, file: { ...fixture.file, cases } } })).toEqual([
      `fixture: the stored case is stale (hash 0, the spec now says ${hash}); ${HINT}`,
    ])
    const fewer = { ...fixture, file: { ...fixture.file, cases: fixture.file.cases.slice(1) } }
    expect(problemsOf({ spec, fixture: fewer })).toEqual([`fixture: the case is not in cases.json; ${HINT}`])
  })
})

describe('a case', () => {
  it('whose derivation cannot be bound has that problem, and the others of its own', () => {
    const bind = (): never => {
      throw new Error('no weight')
    }
    const { spec, fixture } = bench({ derivation: { ...derivation, bind } })
    const problems = problemsOf({ spec, fixture })
    expect(problems[0]).toMatch(/^equations: threw Error: no weight\n/)
    // Without bounds nothing but double's rounding is allowed.
    expect(problems.slice(1).every((line) => line.startsWith('golden: float32'))).toBe(true)
  })

  it('has its own tensors alone', () => {
    const all = Object.fromEntries(['a/x', 'a/y', 'aa/x', 'b/a/x'].map((key, i) => [key, tensor([i])]))
    expect(Object.entries(ofCase(all, 'a')).map(([key, { data }]) => [key, data[0]])).toEqual([
      ['x', 0],
      ['y', 1],
    ])
  })

  it('has bounds on the golden tensors of its derivation', () => {
    const { spec, fixture } = bench()
    const bounds = caseBounds(spec, spec.cases[0], fixture)
    expect([...bounds.keys()]).toEqual(['y', 'dx', 'dweight', 'dbias'])
    expect(bounds.get('dbias')!.errors).toHaveLength(3)
    expect(caseBounds({ ...spec, derivation: null }, spec.cases[0], fixture)).toEqual(new Map())
  })
})

describe('a spec as a whole', () => {
  it('has no name twice, among cases and refusals', () => {
    const { spec, fixture } = bench()
    const twice = {
      ...spec,
      errors: [
        { name: 'five', message: '' },
        { name: 'odd', message: '' },
        { name: 'odd', message: '' },
      ],
    }
    expect(messages(proveSpec(twice, fixture))).toEqual(['fixture: case names occur twice: five, odd'])
  })

  it('has every case that is on file', () => {
    const { spec, fixture } = bench()
    expect(messages(proveSpec({ ...spec, cases: spec.cases.slice(0, 1) }, fixture))).toEqual([
      `fixture: cases.json has cases that the spec has not: five, seven; ${HINT}`,
    ])
  })

  it('has cases and a derivation', () => {
    const { spec } = bench()
    const file = { format: 1, kind: 'module', cases: [], errors: [] } as const
    const fixture: Fixture = { file, inputs: {}, golden: {}, goldenHashes: {}, torchErrors: {} }
    expect(messages(proveSpec({ ...spec, cases: [], derivation: null }, fixture))).toEqual([
      'vacuity: the spec has no case',
      'equations: the spec has no derivation',
    ])
    const schedule = {
      ...spec,
      kind: 'schedule',
      derivation: null,
      cases: [],
      create: () => null as never,
    } as const
    expect(messages(proveSpec(schedule, fixture))).toEqual(['vacuity: the spec has no case'])
  })
})

describe('a refusal', () => {
  const refusing = (create: ModuleSpec['create']) => bench({ create, cases: [] }).spec
  const item = { name: 'odd', args: [3], message: 'Affine: 3 is odd' }

  it('is proved on every backend', () => {
    const picky = refusing(() => {
      if (currentBackend() !== 'reference') throw new Error('Affine: 3 is odd')
      return { forward: (x) => x as Tensor, bwd() {} }
    })
    expect(messages(proveError(picky, item))).toEqual(['error: on reference: accepted without an error'])
    const all = refusing(() => {
      throw new Error(`Affine: ${currentBackend()}`)
    })
    expect(messages(proveError(all, item))).toEqual(
      backends().map(
        (name) => `error: on ${name}: refused with "Affine: ${name}", expected Affine: 3 is odd`,
      ),
    )
  })
})
