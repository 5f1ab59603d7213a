import { type Tensor, takeBlock, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { expectedCase } from './fixture.ts'
import { combinations, fromTorch } from './grid.ts'
import { history } from './history.ts'
import { applyMutant } from './mutant.ts'
import { onBackend } from './on-backend.ts'
import { proveCase } from './prove.ts'
import type { Fixture } from './result.ts'
import { runCase } from './run.ts'
import type { OptimizerSpec, ScheduleSpec } from './spec.ts'
import { provideBackends } from './test/backends.ts'
import { bench } from './test/bench.ts'

provideBackends()

const { spec: affine } = bench({ cases: [] })
const numbers = ({ data }: Tensor): number[] => Array.from(data)

describe('an optimizer', () => {
  /** p − lr · g, with `lr` as an option; a parameter without a gradient stays. */
  const descent = (lr: number): OptimizerSpec => ({
    ...affine,
    kind: 'optimizer',
    derivation: null,
    create: (params, options) => ({
      step() {
        expect(options).toEqual({ rate: 0.5 })
        for (const p of params) {
          const { g } = p
          if (g !== null) for (let i = 0; i < p.data.length; i++) p.data[i] -= lr * g.data[i]
        }
      },
    }),
    cases: [
      {
        name: 'two',
        options: { rate: 0.5 },
        // Whole numbers: nothing rounds.
        params: { w: { shape: [2], fill: 'ties' }, b: { shape: [1], fill: 'ties' } },
        gradients: { fill: 'ties' },
        steps: 2,
        without: { b: [2] },
      },
    ],
  })
  const stored = {
    'param.w': tensor([1, 2]),
    'param.b': tensor([8]),
    'grad.w.1': tensor([2, 4]),
    'grad.w.2': tensor([-6, 1]),
    'grad.b.1': tensor([16]),
  }
  const expected = { 'w.1': [0, 0], 'b.1': [0], 'w.2': [3, -0.5], 'b.2': [0] }

  it.each(['float32', 'float64'] as const)(
    'is run for all steps in %s, and every parameter kept after each',
    (dtype) => {
      const spec = descent(0.5)
      const result = runCase(spec, spec.cases[0], stored, dtype)
      expect(Object.fromEntries(Object.entries(result).map(([key, value]) => [key, numbers(value)]))).toEqual(
        expected,
      )
      expect(Object.values(result).map((value) => value.dtype)).toEqual([dtype, dtype, dtype, dtype])
    },
  )

  it('that is wrong from the second step on is seen there, by the golden values', () => {
    const spec = descent(0.5)
    const { entry, tensors } = expectedCase(spec, spec.cases[0])
    const right = (dtype: 'float32' | 'float64') =>
      Object.entries(runCase(spec, spec.cases[0], tensors, dtype)).map(
        ([key, value]) => [`two/${dtype}/${key}`, value] as const,
      )
    const fixture: Fixture = {
      file: { format: 1, kind: 'optimizer', cases: [entry], errors: [] },
      inputs: Object.fromEntries(Object.entries(tensors).map(([key, value]) => [`two/${key}`, value])),
      golden: Object.fromEntries([...right('float32'), ...right('float64')]),
      goldenHashes: { two: entry.hash },
      torchErrors: {},
    }
    const problems = (one: OptimizerSpec): string[] =>
      proveCase(one, one.cases[0], fixture, ['reference']).problems.map(
        ({ message }) => message.split(':')[0],
      )
    expect(problems(spec).filter((message) => !message.startsWith('golden '))).toEqual([])
    const wrong: OptimizerSpec = {
      ...spec,
      create: (params, options) => {
        const optimizer = spec.create(params, options)
        let steps = 0
        return {
          step() {
            optimizer.step()
            if (++steps === 2) params[0].data[1] += 1
          },
        }
      },
    }
    expect(problems(wrong).filter((message) => !message.startsWith('golden '))).toEqual([
      'float32 on reference, w.2 [1]',
      expect.stringMatching(/^float32 on reference, w\.2 is \S+ times as far from the truth as torch's$/),
      'float64 on reference, w.2 [1]',
    ])
  })

  it('has its history in one row, for its derivation', () => {
    const spec = descent(0.5)
    const double = (values: number[]): Tensor => tensor(values, [values.length], { dtype: 'float64' })
    const values = {
      ...Object.fromEntries(Object.entries(stored).map(([key, value]) => [key, double(numbers(value))])),
      ...Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, double(value)])),
    }
    const { K, T, skips, p, s, g, a, f, golden } = history(spec.cases[0], values)
    expect([K, T, skips]).toEqual([2, 3, 1])
    expect([p.shape, numbers(p)]).toEqual([
      [3, 3],
      [1, 2, 8, 0, 0, 0, 3, -0.5, 0],
    ])
    expect([s.shape, numbers(s), s.dtype]).toEqual([[3], [1, 2, 8], 'float64'])
    expect([g.shape, numbers(g)]).toEqual([
      [2, 3],
      [2, 4, 16, -6, 1, 0],
    ])
    expect(numbers(a)).toEqual([1, 1, 1, 1, 1, 0])
    expect(numbers(f)).toEqual([1, 1, 1, 0, 0, 0])
    expect(golden).toEqual({
      'w.1': { symbol: 'p', from: 3 },
      'w.2': { symbol: 'p', from: 6 },
      'b.1': { symbol: 'p', from: 5 },
      'b.2': { symbol: 'p', from: 8 },
    })
    const late = history(
      { ...spec.cases[0], without: { b: [1] } },
      { ...values, 'grad.b.1': undefined as never, 'grad.b.2': double([5]) },
    )
    expect(numbers(late.f)).toEqual([1, 1, 0, 0, 0, 1])
    expect(history({ ...spec.cases[0], without: {} }, values).skips).toBe(0)
  })
})

describe('a schedule', () => {
  it('gives its rates before each step', () => {
    const made: string[] = []
    const spec: ScheduleSpec = {
      ...affine,
      kind: 'schedule',
      derivation: null,
      cases: [{ name: 'three', optimizer: { torch: 'optim.SGD', options: {} }, steps: 3 }],
      create: ({ name }) => {
        made.push(name)
        const rates = { lr: 1, momentum: 0.5 }
        return {
          step() {
            rates.lr /= 2
            rates.momentum += 0.125
          },
          rates: () => rates,
        }
      },
    }
    const { lr, momentum, ...others } = runCase(spec, spec.cases[0], {}, 'float32')
    expect([numbers(lr), numbers(momentum), lr.dtype, made, others]).toEqual([
      [1, 0.5, 0.25],
      [0.5, 0.625, 0.75],
      'float64',
      ['three'],
      {},
    ])
    expect(runCase(spec, { ...spec.cases[0], steps: 0 }, {}, 'float64')).toEqual({})
  })
})

it('golden values of a schedule that never change prove nothing, whatever they are called', () => {
  const spec: ScheduleSpec = {
    ...affine,
    kind: 'schedule',
    derivation: null,
    cases: [{ name: 'three', optimizer: { torch: 'optim.SGD', options: {} }, steps: 3 }],
    create: () => ({ step() {}, rates: () => ({ lr: 0.5 }) }),
  }
  const { entry } = expectedCase(spec, spec.cases[0])
  const rates = (dtype: 'float32' | 'float64') => tensor([0.5, 0.5, 0.5], [3], { dtype })
  const fixture: Fixture = {
    file: { format: 1, kind: 'schedule', cases: [entry], errors: [] },
    inputs: {},
    golden: { 'three/float32/lr': rates('float32'), 'three/float64/lr': rates('float64') },
    goldenHashes: { three: entry.hash },
    torchErrors: {},
  }
  const { problems } = proveCase(spec, spec.cases[0], fixture, ['reference'])
  expect(problems.map(({ view, message }) => `${view}: ${message}`)).toEqual([
    'vacuity: golden lr is constant: it proves nothing; change the case, or say why it must be',
  ])
})

describe('on a backend', () => {
  it('something is done there, and what was there before is back, after an error too', () => {
    const seen = onBackend('simd', () => {
      const inner = onBackend('reference', () => 1)
      return [inner.value, inner.kernels]
    })
    expect(seen).toEqual({ value: [1, false], kernels: false })
    expect(() =>
      onBackend('simd-plain', () => {
        throw new Error('no')
      }),
    ).toThrow('no')
  })

  it('kernels have run where a block of their memory was taken', () => {
    expect(onBackend('simd', () => takeBlock(8)).kernels).toBe(true)
    expect(onBackend('simd', () => 0).kernels).toBe(false)
  })
})

describe('a mutant', () => {
  const mutant = { name: 'minus', file: 'a.ts', find: 'a + b', replace: 'a - b' }

  it('is a patch of a text that occurs once', () => {
    expect(applyMutant(mutant, 'return a + b')).toBe('return a - b')
    expect(applyMutant({ ...mutant, replace: '$&$1' }, 'return a + b')).toBe('return $&$1')
    const two = { ...mutant, also: { find: 'c', replace: 'd' } }
    expect(applyMutant(two, 'a + b; c')).toBe('a - b; d')
    expect(() => applyMutant(two, 'a + b')).toThrow(
      "mutant 'minus' no longer applies: 'c' occurs 0 times in a.ts",
    )
  })

  it('no longer applies where it occurs twice, or not at all', () => {
    const message = (count: number) =>
      `mutant 'minus' no longer applies: 'a + b' occurs ${count} times in a.ts`
    expect(() => applyMutant(mutant, 'a + b; a + b')).toThrow(new Error(message(2)))
    expect(() => applyMutant(mutant, 'a * b')).toThrow(new Error(message(0)))
  })
})

it('a grid has every combination, the last key fastest', () => {
  expect(combinations({ a: [1, 2], b: ['x', 'y', 'z'] })).toEqual([
    { a: 1, b: 'x' },
    { a: 1, b: 'y' },
    { a: 1, b: 'z' },
    { a: 2, b: 'x' },
    { a: 2, b: 'y' },
    { a: 2, b: 'z' },
  ])
  expect(combinations({ a: [1], b: [] })).toEqual([])
})

it('the shapes of PyTorch’s tests may coincide, and say so', () => {
  const cases = fromTorch([
    { name: 'square', inputs: { x: { shape: [3, 3] } } },
    { name: 'oblong', inputs: { x: { shape: [3, 2] } } },
  ])
  expect(cases.map(({ equalExtents }) => equalExtents)).toEqual([
    "the shape is that of PyTorch's own test",
    undefined,
  ])
})
