import { backends, type FloatDType, Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { checkGoldens, type GoldenFindings } from './check-goldens.ts'
import { ofCase, proveCase, proveGoldens } from './prove.ts'
import type { ModuleCase, ModuleSpec, ScheduleSpec } from './spec.ts'
import { provideBackends } from './test/backends.ts'
import { type Bench, bench, brokenBench, derivation, problemsOf, withGolden } from './test/bench.ts'
import type { Affine } from './test/layers.ts'

provideBackends()

/** A layer whose results of one precision are changed after each pass. */
const inPrecision =
  (dtype: FloatDType, change: (layer: Affine) => void) =>
  (layer: Affine): void => {
    if (layer.w.dtype !== dtype) return
    const right = layer.bwd.bind(layer)
    layer.bwd = () => {
      right()
      change(layer)
    }
  }

describe('golden values alone see', () => {
  it('a float32 gradient that is wrong, in one element: differences look at float64', () => {
    const wrong = brokenBench(inPrecision('float32', ({ x }) => (x!.g!.data[6] += 1e-3)))
    const problems = problemsOf(wrong)
    expect(problems).toEqual([
      expect.stringMatching(
        /^golden: float32 on reference, dx \[1,2\]: expected (-?[\d.]+), got (-?[\d.]+), 0\.00100 apart \(.*ULP\), allowed \d\.\d+e-7$/,
      ),
      expect.stringMatching(
        /^golden: float32 on reference, dx is \d+\.\d times as far from the truth as torch's$/,
      ),
    ])
  })

  it('a float64 gradient that is off by 1e-9: differences allow it, float32 is right', () => {
    const { spec, fixture } = brokenBench(inPrecision('float64', ({ x }) => (x!.g!.data[3] *= 1 + 1e-9)))
    const problems = problemsOf({ spec: { ...spec, linear: [] }, fixture })
    expect(problems).toEqual([
      expect.stringMatching(
        /^golden: float64 on reference, dx \[0,3\]: expected .* apart .* allowed \d\.\d+e-16$/,
      ),
    ])
  })

  it('a float64 output, too', () => {
    const { spec, fixture } = brokenBench((layer) => {
      if (layer.w.dtype !== 'float64') return
      const right = layer.forward.bind(layer)
      layer.forward = (x) => {
        const y = right(x)
        y.data[5] *= 1 + 1e-12
        return y
      }
    })
    expect(problemsOf({ spec: { ...spec, linear: [] }, fixture })).toEqual([
      expect.stringMatching(/^golden: float64 on reference, y \[1,2\]: expected/),
    ])
  })

  it('a tensor that torch has and the run does not give', () => {
    const { spec, fixture } = bench()
    const golden = { ...fixture.golden }
    for (const dtype of ['float32', 'float64']) golden[`two/${dtype}/dgain`] = golden[`two/${dtype}/dbias`]
    expect(problemsOf({ spec, fixture: { ...fixture, golden } })).toEqual([
      'golden: float32 on reference, dgain: torch has it, the run gave none',
      'golden: float64 on reference, dgain: torch has it, the run gave none',
    ])
  })

  it('a float32 of torch’s that is none: ours is measured by it', () => {
    const wrong = withGolden(bench(), (key, value) => {
      if (!key.endsWith('float32/dx')) return value
      const copy = value.clone()
      copy.data[4] *= 1.001
      return copy
    })
    const problems = problemsOf(wrong)
    expect(problems.length).toBeGreaterThan(0)
    for (const problem of problems)
      expect(problem).toMatch(/^fixture: torch's own float32, dx \[\d,\d\]: expected/)
  })

  it('a result of another shape', () => {
    const flat = withGolden(bench(), (key, value) => (key.endsWith('/y') ? value.reshape([3, -1]) : value))
    const { spec } = flat
    const quiet = {
      ...flat,
      spec: { ...spec, derivation: { ...derivation, steps: [], golden: {} }, linear: [] },
    }
    expect(problemsOf(quiet)[0]).toContain('golden: threw RangeError: shape is [2,3], expected [3,2]')
  })

  it('no golden tensor at all', () => {
    const none = withGolden(
      bench({
        derivation: {
          ...derivation,
          golden: {},
          steps: [],
          bind: () => ({ sizes: { N: 1, I: 1, O: 1 }, tensors: {} }),
        },
      }),
      () => null,
    )
    expect(problemsOf(none)).toEqual(['vacuity: the case has no golden tensor'])
  })
})

describe('what rounding allows', () => {
  /** Only the golden values of the first case, against results that are given, within bounds that are given. */
  function against(
    got: readonly number[],
    {
      truth,
      torch = truth,
      roundings,
      size = 1,
      exact = false,
      item = {},
    }: {
      truth: readonly number[]
      torch?: readonly number[]
      roundings: readonly number[] | null
      size?: number
      exact?: boolean
      item?: Partial<ModuleCase>
    },
    dtype: FloatDType = 'float32',
  ) {
    const make = (values: readonly number[], of: FloatDType): Tensor =>
      tensor([...values], undefined, { dtype: of })
    const input = make(got, dtype)
    const spec: ModuleSpec = {
      ...bench({ cases: [] }).spec,
      ownDtype: false,
      exact,
      create: () => ({
        forward(x) {
          const { dtype: own } = x as Tensor
          x.g = make([1, 2], own)
          return make(own === dtype ? got : truth, own)
        },
        bwd() {},
      }),
    }
    const found: GoldenFindings = { measures: [], onKernels: [] }
    const problems = checkGoldens(
      spec,
      { name: 'one', inputs: { x: { shape: [got.length] } }, ...item },
      {
        stored: { x: input, dy: make(got, 'float32') },
        golden: { 'float64/y': make(truth, 'float64'), 'float32/y': make(torch, 'float32') },
        bounds: new Map(
          roundings === null ? [] : [['y', { errors: Float64Array.from(roundings), size, from: 0 }]],
        ),
      },
      ['reference'],
      found,
    )
    return { problems: problems.map(({ message }) => message), measures: found.measures }
  }

  const u = 2 ** -24

  it('is so many roundings of 2⁻²⁴ with a hundredth, and as many of 2⁻⁵³ of torch, element by element', () => {
    // Three roundings of 1: 3.03 · 2⁻²⁴; steps of float32 below 1 are 2⁻²⁴ wide.
    const sizes = { truth: [0.75, 0.75], roundings: [3, 9], size: 16 }
    expect(against([0.75 + 3 * u, 0.75 + 9 * u], sizes).problems).toEqual([])
    expect(against([0.75 + 4 * u, 0.75], sizes).problems).toEqual([
      expect.stringMatching(
        /^float32 on reference, y \[0\]: expected 0.75, got 0.75000023\d*, 2.38e-7 apart \(4.0 ULP\), allowed 1.81e-7$/,
      ),
    ])
    expect(against([0.75, 0.75 - 10 * u], sizes).problems).toEqual([expect.stringMatching(/ y \[1\]: /)])
  })

  it('is in float64 2⁻⁵² in its place', () => {
    const sizes = { truth: [1.5, 1.5], roundings: [3, 3], size: 16 }
    expect(against([1.5 + 3 * 2 ** -52, 1.5], sizes, 'float64').problems).toEqual([])
    expect(against([1.5 + 4 * 2 ** -52, 1.5], sizes, 'float64').problems).toEqual([
      expect.stringMatching(/^float64 on reference, y \[0\]: .* apart \(4.0 ULP\), allowed 6\.73e-16$/),
    ])
  })

  it('is nothing where nothing rounds, and four of the smallest numbers where something does', () => {
    const tiny = 2 ** -149
    const sizes = (roundings: number) => ({ truth: [0, 1], roundings: [roundings, 0], size: 1 })
    expect(against([tiny, 1], sizes(0)).problems).toHaveLength(1)
    expect(against([4 * tiny, 1], sizes(1e-40)).problems).toEqual([])
    expect(against([5 * tiny, 1], sizes(1e-40)).problems).toHaveLength(1)
  })

  it('is four roundings of the largest value where there is no derivation', () => {
    const largest = { truth: [1, 8], roundings: null }
    expect(against([1 + 4 * 8 * 2 ** -53, 8], largest, 'float64').problems).toEqual([])
    expect(against([1 + 5 * 8 * 2 ** -53, 8], largest, 'float64').problems).toHaveLength(1)
    // In float32 the same: both sides compute in double.
    expect(against([1 + 2 ** -23, 8], largest).problems).toHaveLength(1)
  })

  it('is 16 roundings of the largest finite value beside infinities, which are compared themselves', () => {
    const item = { noDifferences: 'infinities' }
    const beside = { truth: [Infinity, 2, Number.NaN], roundings: [0, 0, 0], item, size: 1 }
    expect(against([Infinity, 2 + 16 * u * 2, Number.NaN], beside).problems).toEqual([
      // 16 roundings are allowed, but not 4 times torch's error.
      "float32 on reference, y is 32.0 times as far from the truth as torch's",
    ])
    expect(against([Infinity, 2 + 18 * u * 2, Number.NaN], beside).problems[0]).toMatch(/y \[1\]: expected 2/)
    expect(against([-Infinity, 2, Number.NaN], beside).problems[0]).toMatch(
      /y \[0\]: expected Infinity, got -Infinity/,
    )
    expect(against([Infinity, 2, 0], beside).problems[0]).toMatch(/y \[2\]: expected NaN, got 0/)
    expect(against([Number.NaN, 2, Number.NaN], beside).problems[0]).toMatch(
      /y \[0\]: expected Infinity, got NaN/,
    )
  })

  it('tells 0 from −0 where the spec says that nothing rounds', () => {
    const zeros = { truth: [0, 1], roundings: [0, 0] }
    expect(against([-0, 1], zeros).problems).toEqual([])
    expect(against([-0, 1], { ...zeros, exact: true }).problems).toEqual([
      expect.stringMatching(/y \[0\]: expected 0, got 0, 1.40e-45 apart/),
    ])
  })

  it('is less than four times torch’s own error, which counts as no less than a rounding of the largest sum', () => {
    // Within 100 roundings each, so that only the ratio speaks. The floor is 4 · 2⁻²⁴.
    const sizes = { truth: [1, 1], roundings: [100, 100], size: 4 }
    const at = (ours: number, torch: number) =>
      against([1, 1 + ours * 2 * u], { ...sizes, torch: [1 + torch * 2 * u, 1] })
    expect(at(8, 0).problems).toEqual([])
    expect(at(8, 0).measures[0]).toMatchObject({
      ours: 16 * u,
      torch: 0,
      floor: 4 * u,
      ratio: 4,
      ulps: 8,
      torchUlps: 0,
    })
    expect(at(9, 0).problems).toEqual([
      "float32 on reference, y is 4.5 times as far from the truth as torch's",
    ])
    expect(at(20, 5).problems).toEqual([])
    expect(at(20, 5).measures[0]).toMatchObject({
      ours: 40 * u,
      torch: 10 * u,
      ratio: 4,
      ulps: 20,
      torchUlps: 5,
    })
    expect(at(21, 5).problems).toEqual([
      "float32 on reference, y is 4.2 times as far from the truth as torch's",
    ])
    expect(at(1, 1).measures[0].ratio).toBe(1)
    expect(at(2, 8).measures[0].ratio).toBe(4 / 16)
  })

  it('counts elements by their distance, ours and torch’s', () => {
    const { measures } = against([1, 1 + 2 * 2 * u, 1], {
      truth: [1, 1, 1],
      torch: [1 + 2 * u, 1 + 2 * u, 1],
      roundings: [9, 9, 9],
    })
    expect(measures).toHaveLength(1)
    expect(measures[0].histograms.ours.slice(0, 5)).toEqual([2, 0, 0, 1, 0])
    expect(measures[0].histograms.torch.slice(0, 5)).toEqual([1, 0, 2, 0, 0])
    expect(measures[0]).toMatchObject({ tensor: 'y', backend: 'reference' })
  })

  it('counts in units of the truth, which are twice those of a result just below a power of two', () => {
    const below = [1 - 3 * u]
    const { measures } = against(below, { truth: [1], torch: below, roundings: [9] })
    for (const counts of [measures[0].histograms.ours, measures[0].histograms.torch])
      expect(counts.slice(0, 5)).toEqual([0, 0, 0, 1, 0])
  })

  it('has a ratio of 1 where there is nothing to compare', () => {
    const { measures } = against([0, 0], { truth: [0, 0], roundings: [0, 0], size: 0 })
    expect(measures[0].ratio).toBe(1)
  })
})

it('a schedule is computed in double on both sides, and torch’s rates are held to that too', () => {
  const rates = [0.5, 0.25, 0.125]
  const spec: ScheduleSpec = {
    ...bench({ cases: [] }).spec,
    kind: 'schedule',
    derivation: null,
    cases: [],
    create() {
      let t = 0
      return { step: () => void t++, rates: () => ({ lr: rates[t] }) }
    },
  }
  const item = { name: 'halves', steps: 3, optimizer: { torch: 'SGD', options: {} } }
  const against = (torch: readonly number[]): string[] => {
    const double = (values: readonly number[]): Tensor => tensor(Float64Array.from(values))
    const golden = { 'float64/lr': double(rates), 'float32/lr': double(torch) }
    const found: GoldenFindings = { measures: [], onKernels: [] }
    const values = { stored: {}, golden, bounds: new Map() }
    return checkGoldens(spec, item, values, ['reference'], found).map(({ message }) => message)
  }
  expect(against(rates)).toEqual([])
  expect(against([0.5, 0.25 + 4 * 2 ** -54, 0.125])).toEqual([])
  expect(against([0.5, 0.25 + 5 * 2 ** -54, 0.125])).toEqual([
    expect.stringMatching(/^torch's own float32, lr \[1\]: expected 0\.25, got 0\.25\d+, /),
  ])
})

describe('vacuous golden gradients alone', () => {
  const replaced = (values: (at: number) => number, expectation?: ModuleCase['expect']): Bench => {
    const right = bench()
    const [item] = right.spec.cases
    const cases = [{ ...item, ...(expectation === undefined ? {} : { expect: expectation }) }]
    const spec = { ...right.spec, cases, derivation: null }
    return withGolden({ spec, fixture: right.fixture }, (key, value) =>
      key.endsWith('/dbias')
        ? new Tensor(
            value.data.map((_, i) => values(i)),
            value.shape,
          )
        : value,
    )
  }
  const vacuities = (made: Bench): string[] => problemsOf(made).filter((line) => line.startsWith('vacuity'))

  it('are said to be so', () => {
    const proves = 'it proves nothing; change the case, or say why it must be'
    expect(vacuities(bench())).toEqual([])
    expect(vacuities(replaced(() => 0))).toEqual([`vacuity: golden dbias is all zero: ${proves}`])
    expect(vacuities(replaced(() => 0.25))).toEqual([`vacuity: golden dbias is constant: ${proves}`])
    expect(vacuities(replaced((i) => i))).toEqual([])
  })

  it('must be what is stated', () => {
    expect(vacuities(replaced(() => 0, { dbias: { zero: 'so' } }))).toEqual([])
    expect(vacuities(replaced((i) => i, { dbias: { zero: 'so' } }))).toEqual([
      'vacuity: golden dbias is stated to be zero, but it is not',
    ])
  })

  it('are gradients: an output may be constant', () => {
    const flat = withGolden({ ...bench(), spec: { ...bench().spec, derivation: null } }, (key, value) =>
      key.endsWith('/y')
        ? new Tensor(
            value.data.map(() => 0),
            value.shape,
          )
        : value,
    )
    expect(vacuities(flat)).toEqual([])
  })
})

it('every backend is compared in float32, and reference in float64', () => {
  const wrong = brokenBench((layer) => {
    const right = layer.forward.bind(layer)
    layer.forward = (x) => {
      const y = right(x)
      y.data[0] += 1
      return y
    }
  })
  const { spec, fixture } = wrong
  const on = (names: typeof backends extends () => infer R ? R : never): string[] =>
    proveGoldens(spec, spec.cases[0], fixture, new Map(), names).flatMap(
      ({ message }) => /^(float\d\d on [\w-]+), y \[0,0\]/.exec(message)?.[1] ?? [],
    )
  expect(on(backends())).toEqual([...backends().map((name) => `float32 on ${name}`), 'float64 on reference'])
  expect(on(['reference'])).toEqual(['float32 on reference', 'float64 on reference'])
})

it('what throws is a problem, with the place', () => {
  const { spec, fixture } = brokenBench((layer) => {
    layer.bwd = () => {
      throw new Error('no way back')
    }
  })
  expect(proveGoldens(spec, spec.cases[0], fixture, new Map(), ['reference'])).toEqual([
    { view: 'golden', message: 'threw no way back' },
  ])
  const found = proveCase(spec, spec.cases[0], fixture, ['reference']).problems
  expect(found.map(({ view }) => view)).toEqual(['golden', 'differences'])
  for (const { message } of found) expect(message).toMatch(/^threw Error: no way back\n {4}at /)
})

it('a gradient that is null is named', () => {
  const { spec, fixture } = brokenBench((layer) => {
    const right = layer.bwd.bind(layer)
    layer.bwd = () => {
      right()
      layer.b.g = null
    }
  })
  expect(proveGoldens(spec, spec.cases[0], fixture, new Map(), ['reference'])).toEqual([
    { view: 'golden', message: 'threw bwd() left bias.g null' },
  ])
  expect(Object.keys(ofCase(fixture.golden, 'two'))).toHaveLength(8)
})
