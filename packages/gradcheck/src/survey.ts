import { type BackendName, backends } from '@handgrad/tensor'
import { addHistograms, emptyHistogram } from './histogram.ts'
import { proveCase, proveError, proveSpec } from './prove.ts'
import type { CaseResult, Fixture, Furthest, Measure, Problem } from './result.ts'
import type { Spec } from './spec.ts'
import {
  casesOnKernels,
  proveTotals,
  type RatioSummary,
  type StepSummary,
  summariseRatios,
  summariseSteps,
} from './summary.ts'

/** Where something is wrong: a case, an error case, or the spec as a whole. */
export interface SurveyProblem extends Problem {
  readonly case: string | null
}

/** What was found for one case, without its steps, which are added up over the cases. */
export interface SurveyCase {
  readonly name: string
  readonly passed: boolean
  readonly coordinates: number
  readonly skipped: number
  readonly furthest: Furthest | null
  readonly onKernels: readonly BackendName[]
  readonly measures: readonly Omit<Measure, 'histograms'>[]
}

/** Distances from the float64 truth in ULP of the largest true value of a tensor, over all tensors of all cases. */
export interface UlpSummary {
  readonly median: number
  readonly worst: number
}

/** What was found on one backend. */
export interface BackendSummary {
  readonly backend: BackendName
  readonly casesOnKernels: number
  readonly ratios: RatioSummary
}

/** Everything that was found for one layer, loss, optimizer or network. */
export interface Survey {
  readonly name: string
  readonly kind: Spec['kind']
  readonly passed: boolean
  readonly cases: readonly SurveyCase[]
  readonly errorCases: number
  readonly coordinates: number
  readonly skipped: number
  readonly furthest: (Furthest & { readonly case: string }) | null
  /** By line of the derivation. */
  readonly steps: readonly StepSummary[]
  /** Over all backends, and on each with the number of cases that ran on its kernels. */
  readonly ratios: RatioSummary
  readonly backends: readonly BackendSummary[]
  readonly ulps: { readonly ours: UlpSummary; readonly torch: UlpSummary }
  /** Elements by distance from the truth: see `histogramBins` of the report. */
  readonly histograms: { readonly ours: readonly number[]; readonly torch: readonly number[] }
  readonly problems: readonly SurveyProblem[]
}

function surveyCase({
  name,
  problems,
  coordinates,
  skipped,
  furthest,
  measures,
  onKernels,
}: CaseResult): SurveyCase {
  const numbers = measures.map(({ tensor, backend, ours, torch, floor, ratio, ulps, torchUlps }) => ({
    tensor,
    backend,
    ours,
    torch,
    floor,
    ratio,
    ulps,
    torchUlps,
  }))
  return { name, passed: problems.length === 0, coordinates, skipped, furthest, onKernels, measures: numbers }
}

function summariseUlps(values: readonly number[]): UlpSummary {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: sorted[Math.ceil(sorted.length / 2) - 1] ?? 0, worst: sorted.at(-1) ?? 0 }
}

function furthestOf(results: readonly CaseResult[]): Survey['furthest'] {
  const all = results.flatMap(({ name, furthest }) =>
    furthest === null ? [] : [{ case: name, ...furthest }],
  )
  return all.reduce<Survey['furthest']>((a, b) => (a === null || b.error > a.error ? b : a), null)
}

function problemsOf(spec: Spec, fixture: Fixture, results: readonly CaseResult[]): SurveyProblem[] {
  const at = (name: string | null, problems: readonly Problem[]): SurveyProblem[] =>
    problems.map((problem) => ({ case: name, ...problem }))
  return [
    ...at(null, proveSpec(spec, fixture)),
    ...results.flatMap(({ name, problems }) => at(name, problems)),
    ...spec.errors.flatMap((item) => at(item.name, proveError(spec, item))),
    ...at(null, proveTotals(spec, results)),
  ]
}

/** Proves every case of a spec in every way there is, and adds up what was found; `before` each case its number is told. */
export function survey(spec: Spec, fixture: Fixture, before?: (i: number) => void): Survey {
  const results = spec.cases.map((item, i) => {
    before?.(i)
    return proveCase(spec, item, fixture)
  })
  const problems = problemsOf(spec, fixture, results)
  const measures = results.flatMap((result) => result.measures)
  const sum = (of: (result: CaseResult) => number): number => results.reduce((n, r) => n + of(r), 0)
  const histogram = (whose: 'ours' | 'torch'): number[] =>
    measures.map(({ histograms }) => histograms[whose]).reduce<number[]>(addHistograms, emptyHistogram())
  return {
    name: spec.name,
    kind: spec.kind,
    passed: problems.length === 0,
    cases: results.map(surveyCase),
    errorCases: spec.errors.length,
    coordinates: sum(({ coordinates }) => coordinates),
    skipped: sum(({ skipped }) => skipped),
    furthest: furthestOf(results),
    steps: summariseSteps(spec, results),
    ratios: summariseRatios(results),
    backends: backends().map((backend) => ({
      backend,
      casesOnKernels: casesOnKernels(results, backend),
      ratios: summariseRatios(results, backend),
    })),
    ulps: {
      ours: summariseUlps(measures.map(({ ulps }) => ulps)),
      torch: summariseUlps(measures.map(({ torchUlps }) => torchUlps)),
    },
    histograms: { ours: histogram('ours'), torch: histogram('torch') },
    problems,
  }
}
