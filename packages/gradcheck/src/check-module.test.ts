import { backends, defaultGenerator, Generator, manualSeed, type Tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { checkModule } from './check-module.ts'
import { caseTensors } from './fixture.ts'
import { proveCase, proveSpec } from './prove.ts'
import type { Furthest } from './result.ts'
import type { ModuleCase } from './spec.ts'
import { proveTotals } from './summary.ts'
import { provideBackends } from './test/backends.ts'
import { bench, brokenBench, derivation, problemsOf, withGolden } from './test/bench.ts'
import { double, relu } from './test/layers.ts'

provideBackends()

const scaled = (t: Tensor, by: number): Tensor => {
  for (let i = 0; i < t.data.length; i++) t.data[i] *= by
  return t
}

/** dx of the layer, of the golden values and of the derivation `by` times what it should be: all agree in the mistake. */
function agreeing(by: number, linear: readonly string[]) {
  const steps = [
    derivation.steps[0],
    { id: 'dx', equation: `dx[n,i] = ${by} * sum(dy[n,o] * w[o,i], o)`, because: '' },
    ...derivation.steps.slice(3, 5),
  ]
  const wrong = brokenBench(
    (layer) => {
      const right = layer.bwd.bind(layer)
      layer.bwd = () => {
        right()
        scaled(layer.x!.g!, by)
      }
    },
    { derivation: { ...derivation, steps }, linear },
  )
  return withGolden(wrong, (key, value) => (key.endsWith('/dx') ? scaled(value, by) : value))
}

it('a right layer has no problem in any view', () => {
  const { spec, fixture } = bench()
  const results = spec.cases.map((item) => proveCase(spec, item, fixture))
  expect(results.flatMap(({ problems }) => problems)).toEqual([])
  expect(proveSpec(spec, fixture)).toEqual([])
  expect(proveTotals(spec, results)).toEqual([])
  expect(results.map(({ coordinates, skipped }) => [coordinates, skipped])).toEqual([
    [8 + 12 + 3, 0],
    [20 + 12 + 3, 0],
    [28 + 12 + 3, 0],
  ])
  expect(results[0].measures.map(({ tensor, backend }) => `${tensor} ${backend}`)).toEqual(
    ['y', 'dx', 'dweight', 'dbias'].flatMap((name) => backends().map((backend) => `${name} ${backend}`)),
  )
})

describe('differences', () => {
  it('alone see a mistake that layer, golden values and derivation share', () => {
    const problems = problemsOf(agreeing(1.5, []))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(
      /^differences: dx: 8 of 8 coordinates are wrong, worst at \[\d,\d\]: bwd\(\) gives [-\d.]+, differences give [-\d.]+$/,
    )
  })

  it('are not asked where the case says why, nor where there is nothing to differentiate', () => {
    const quiet = agreeing(1.5, [])
    const [item, ...others] = quiet.spec.cases
    const cases = [{ ...item, noDifferences: 'huge' }, ...others]
    expect(problemsOf({ ...quiet, spec: { ...quiet.spec, cases } })).toEqual([])
    expect(problemsOf(quiet, 'five')).toHaveLength(1)
  })

  it('alone see a tensor that is not named', () => {
    // In float32 too, but differences are taken in float64.
    const hidden = brokenBench((layer) => Object.assign(layer, { also: [layer.w.clone()] }))
    expect(problemsOf(hidden)).toEqual([])
    const used = brokenBench((layer) => {
      const gain = layer.b.clone()
      gain.data.fill(1)
      Object.assign(layer, { gain })
      const forward = layer.forward.bind(layer)
      layer.forward = (x) => scaled(forward(x), gain.data[0])
    })
    expect(problemsOf(used)).toEqual([expect.stringMatching(/^differences: gain: forward\(\) depends on it/)])
  })

  it('report where the two ways are furthest apart', () => {
    const { spec, fixture } = brokenBench((layer) => {
      const right = layer.bwd.bind(layer)
      layer.bwd = () => {
        right()
        layer.w.g!.data[7] += 0.25
        layer.b.g!.data[1] -= 2
      }
    })
    const { furthest } = proveCase(spec, spec.cases[0], fixture, ['reference'])
    expect(furthest).toMatchObject({ tensor: 'dbias', index: [1] })
    expect(furthest!.error).toBeCloseTo(2, 6)
    expect(furthest!.analytic - furthest!.numeric).toBeCloseTo(-2, 6)
  })
})

it('of tensors that are equally far apart the first is named', () => {
  // y = x + bias with the same numbers in both, and both gradients 0.25 too large.
  const create = () => {
    const bias = double([0, 0, 0])
    let pass: { x: Tensor; y: Tensor }
    return {
      forward(input: unknown) {
        const x = input as Tensor
        pass = { x, y: x.clone() }
        for (let i = 0; i < 3; i++) pass.y.data[i] += bias.data[i]
        return pass.y
      },
      bwd() {
        for (const t of [pass.x, bias]) {
          t.g = pass.y.g!.clone()
          for (let i = 0; i < 3; i++) t.g.data[i] += 0.25
        }
      },
      namedParameters: (): [string, Tensor][] => [['bias', bias]],
    }
  }
  const { spec } = bench({ create, linear: [], cases: [] })
  const values = double([0.5, -1, 2])
  const stored = { x: values, 'param.bias': values, dy: double([1, 2, -3]) }
  const counts = { coordinates: 0, skipped: 0, furthest: null as Furthest | null }
  checkModule(spec, { name: 'sum', inputs: { x: { shape: [3] } } }, stored, [], counts)
  expect(counts.furthest?.error).toBeCloseTo(0.25, 6)
  expect(counts.furthest?.tensor).toBe('dx')
})

describe('the share of kinks', () => {
  it.each([
    [1, undefined, []],
    [2, undefined, ['differences: dx: 2 of 50 coordinates are kinks, at most 0.02 of them may be']],
    [2, 0.04, []],
    [3, 0.04, ['differences: dx: 3 of 50 coordinates are kinks, at most 0.04 of them may be']],
    [50, 0.99, ['differences: dx: nothing tested, all 50 coordinates are kinks']],
    [50, 1, []],
  ])('%i of 50 where %s may be', (zeros, share, expected) => {
    const plant = Object.fromEntries(Array.from({ length: zeros }, (_, i) => [i, 0]))
    const item: ModuleCase = {
      name: 'zeros',
      inputs: { x: { shape: [50], plant } },
      ...(share === undefined ? {} : { skip: { share, why: 'zeros' } }),
    }
    const { spec } = bench({ create: () => relu(), ownDtype: false, linear: [], cases: [] })
    const counts = { coordinates: 0, skipped: 0, furthest: null }
    const problems = checkModule(spec, item, caseTensors(spec, item), ['reference'], counts)
    expect(problems.map(({ view, message }) => `${view}: ${message}`)).toEqual(expected)
    expect(counts).toMatchObject({ coordinates: 50, skipped: zeros })
  })
})

describe('the adjoint test', () => {
  it('alone sees a mistake of 1e-9 that layer, golden values and derivation share', () => {
    expect(problemsOf(agreeing(1 + 1e-9, []))).toEqual([])
    expect(problemsOf(agreeing(1 + 1e-9, ['x', 'weight']))).toEqual([
      expect.stringMatching(/^adjoint: ⟨y, dy⟩ is -?[\d.]+, but ⟨x, dx⟩ is -?[\d.]+$/),
    ])
  })

  it('weighs all terms: the last may be 0', () => {
    const [item] = bench().spec.cases
    const cases = Array.from({ length: 8 }, (_, i) => ({
      ...item,
      name: `last ${i}`,
      inputs: { x: { shape: [2, 4], plant: { 7: 0 } } },
      upstream: { plant: { 5: 0 } },
    }))
    const made = bench({ linear: ['x', 'weight'], cases })
    for (const { name } of cases)
      expect(problemsOf(made, name).filter((line) => line.startsWith('adjoint'))).toEqual([])
  })

  it('says both products: with dx half as large again, one is half as large again as the other', () => {
    const said = problemsOf(agreeing(1.5, ['x', 'weight'])).find((line) => line.startsWith('adjoint'))
    const [left, right] = [...said!.matchAll(/is (-?[\d.]+(?:e-\d+)?)/g)].map(([, number]) => Number(number))
    expect(right / left).toBeCloseTo(1.5, 10)
  })

  it('asks for 13 digits', () => {
    expect(problemsOf(agreeing(1 + 1e-12, ['x', 'weight']))).toHaveLength(1)
    expect(problemsOf(agreeing(1, ['x', 'weight']))).toEqual([])
  })

  it('is none where all is 0: here the weight is not left, and y is 0', () => {
    const message = 'adjoint: every term of ⟨y, dy⟩ and of ⟨x, dx⟩ is 0: nothing tested'
    expect(problemsOf(bench({ linear: ['x'] }))).toEqual([message])
    const [item] = bench().spec.cases
    const stated = bench({ linear: ['x'], cases: [{ ...item, expect: { dx: { small: 'said' } } }] })
    expect(problemsOf(stated).filter((line) => line.startsWith('adjoint'))).toEqual([])
  })

  it('is made of the inputs and parameters that the spec names, and of those that the case has', () => {
    expect(problemsOf(bench({ linear: ['x', 'weight', 'bias2'] }))).toEqual([])
    // y is not linear in x and w where the bias stays.
    expect(problemsOf(bench({ linear: ['x', 'weight', 'bias'] }))).toEqual([
      expect.stringMatching(/^adjoint: .* ⟨x, dx⟩ is/),
      expect.stringMatching(/^adjoint: .* ⟨weight, dweight⟩ is/),
      expect.stringMatching(/^adjoint: .* ⟨bias, dbias⟩ is/),
    ])
  })
})

it('every pass of a case with a seed draws from it, those of the differences too', () => {
  const drawn: number[] = []
  const create = () => {
    const layer = relu()
    const forward = layer.forward.bind(layer)
    layer.forward = (...inputs) => {
      drawn.push(defaultGenerator.random53())
      return forward(...inputs)
    }
    return layer
  }
  const { spec } = bench({ create, ownDtype: false, linear: [], cases: [] })
  const item: ModuleCase = { name: 'drawing', inputs: { x: { shape: [5] } }, seed: 5 }
  const stored = caseTensors(spec, item)
  manualSeed(99)
  drawn.length = 0
  const counts = { coordinates: 0, skipped: 0, furthest: null }
  expect(checkModule(spec, item, stored, ['reference'], counts)).toEqual([])
  // The pass of bwd() and two or more for each of 5 coordinates.
  expect(drawn.length).toBeGreaterThan(10)
  expect(new Set(drawn)).toEqual(new Set([new Generator(5).random53()]))
})

it('extents that coincide need a reason', () => {
  const square = bench({ cases: [{ name: 'square', inputs: { x: { shape: [4, 4] } } }] })
  expect(problemsOf(square)).toEqual(['vacuity: x [4,4] has 4 twice: make all extents differ, or say why'])
})
