import { type BackendName, backends } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { emptyHistogram } from './histogram.ts'
import type { CaseResult, Measure } from './result.ts'
import { casesOnKernels, proveTotals, summariseRatios, summariseSteps } from './summary.ts'
import { provideBackends } from './test/backends.ts'
import { bench, derivation } from './test/bench.ts'

provideBackends()

const { spec } = bench({ cases: [] })

function measure(ratio: number, backend: BackendName = 'reference'): Measure {
  const histograms = { ours: emptyHistogram(), torch: emptyHistogram() }
  return { tensor: 'y', backend, ours: 0, torch: 0, floor: 0, ratio, ulps: 0, torchUlps: 0, histograms }
}

function result(change: Partial<CaseResult>): CaseResult {
  const nothing = { name: 'one', problems: [], measures: [], onKernels: [], steps: [], furthest: null }
  return { ...nothing, coordinates: 0, skipped: 0, ...change }
}

const step = (id: string, elements: number, difference = 0) => ({ id, elements, difference, problem: null })

describe('the lines of a derivation over all cases', () => {
  const three = { ...spec, derivation: { ...derivation, steps: derivation.steps.slice(0, 2) } }
  const results = [
    result({ steps: [step('y', 6, 1e-14), step('dx-chain', 0, 1)] }),
    result({ steps: [step('y', 4, 3e-14), step('dx-chain', 8, 2e-15)] }),
    result({ steps: [step('y', 5, 2e-14), step('dx-chain', 2, 0)] }),
  ]

  it('are counted where they were evaluated', () => {
    expect(summariseSteps(three, results)).toEqual([
      { id: 'y', cases: 3, elements: 15, difference: 3e-14 },
      { id: 'dx-chain', cases: 2, elements: 10, difference: 2e-15 },
    ])
    expect(summariseSteps({ ...spec, derivation: null }, results)).toEqual([])
  })

  it('must be on three cases each', () => {
    expect(proveTotals(three, results).map(({ view, message }) => `${view}: ${message}`)).toEqual([
      "equations: step 'dx-chain' of the derivation is evaluated on 2 cases, at least 3 are needed",
    ])
    expect(proveTotals(three, [...results, result({ steps: [step('dx-chain', 1)] })])).toEqual([])
  })
})

describe('the ratio of our errors to torch’s', () => {
  it('has a median, a ninety-ninth percentile and a worst', () => {
    const of = (...ratios: number[]) => summariseRatios([result({ measures: ratios.map((r) => measure(r)) })])
    expect(of()).toEqual({ median: 1, 'ninety-ninth percentile': 1, worst: 1 })
    expect(of(3)).toEqual({ median: 3, 'ninety-ninth percentile': 3, worst: 3 })
    expect(of(4, 1, 10, 2)).toEqual({ median: 2, 'ninety-ninth percentile': 10, worst: 10 })
    const hundred = Array.from({ length: 200 }, (_, i) => 200 - i)
    expect(of(...hundred)).toEqual({ median: 100, 'ninety-ninth percentile': 198, worst: 200 })
  })

  it('is that of one backend, or of all', () => {
    const measures = [measure(1), measure(9, 'simd'), measure(2), measure(7, 'simd')]
    const results = [result({ measures: measures.slice(0, 1) }), result({ measures: measures.slice(1) })]
    expect(summariseRatios(results, 'simd')).toMatchObject({ median: 7, worst: 9 })
    expect(summariseRatios(results, 'reference')).toMatchObject({ median: 1, worst: 2 })
    expect(summariseRatios(results)).toMatchObject({ median: 2, worst: 9 })
  })

  const plain = { ...spec, derivation: null }
  const said = (ratios: readonly number[], backend: BackendName = 'reference'): string[] =>
    proveTotals(plain, [result({ measures: ratios.map((ratio) => measure(ratio, backend)) })]).map(
      ({ view, message }) => `${view}: ${message}`,
    )
  const times = (count: number, ratio: number): number[] => new Array<number>(count).fill(ratio)

  it('may have a median of 1', () => {
    expect(said([...times(51, 1), ...times(49, 1.5)])).toEqual([])
    expect(said([...times(49, 1), ...times(51, 1.01)])).toEqual([
      "golden: the median of our float32 errors on reference is 1.01 times torch's, at most 1 may be",
    ])
  })

  it('may be 2.5 in all but one of a hundred, and 4 in that one', () => {
    expect(said([...times(99, 1), 4])).toEqual([])
    expect(said([...times(97, 1), 2.5, 2.5, 4])).toEqual([])
    expect(said([...times(98, 1), 2.6, 2.6])).toEqual([
      "golden: the ninety-ninth percentile of our float32 errors on reference is 2.60 times torch's, at most 2.5 may be",
    ])
    expect(said([...times(199, 1), 4.1])).toEqual([
      "golden: the worst of our float32 errors on reference is 4.10 times torch's, at most 4 may be",
    ])
  })

  it.each([...backends()])('is held to that on %s', (backend) => {
    expect(said([2], backend)).toEqual([
      `golden: the median of our float32 errors on ${backend} is 2.00 times torch's, at most 1 may be`,
    ])
  })
})

describe('cases on kernels', () => {
  const results = [
    result({ onKernels: ['simd', 'simd-plain'] }),
    result({ onKernels: ['simd'] }),
    result({ onKernels: [] }),
  ]

  it('are counted by backend', () => {
    expect(backends().map((on) => casesOnKernels(results, on))).toEqual([0, 1, 2])
  })

  it('must be as many as the spec says, on each backend that has kernels', () => {
    const on = (onKernels: number) =>
      proveTotals({ ...spec, derivation: null, onKernels }, results).map(({ message }) => message)
    expect(on(1)).toEqual([])
    expect(on(2)).toEqual(['1 cases ran on the kernels of simd-plain, at least 2 must'])
    expect(on(3)).toEqual([
      '1 cases ran on the kernels of simd-plain, at least 3 must',
      '2 cases ran on the kernels of simd, at least 3 must',
    ])
  })
})
