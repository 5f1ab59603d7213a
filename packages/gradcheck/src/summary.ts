import { type BackendName, backends } from '@handgrad/tensor'
import type { CaseResult, Problem } from './result.ts'
import type { Spec } from './spec.ts'

/** A line must be evaluated on at least this many cases. */
const LEAST_CASES = 3

/** How the ratio of our float32 error to torch's may be distributed over a spec's tensors. */
const RATIOS = { median: 1, 'ninety-ninth percentile': 2.5, worst: 4 } as const

/** One line of a derivation over all cases. */
export interface StepSummary {
  readonly id: string
  readonly cases: number
  readonly elements: number
  /** The largest relative difference. */
  readonly difference: number
}

/** The ratio of our error to torch's over all tensors. */
export interface RatioSummary {
  readonly median: number
  readonly 'ninety-ninth percentile': number
  readonly worst: number
}

/** Adds up the lines of a derivation over cases. */
export function summariseSteps(spec: Spec, results: readonly CaseResult[]): StepSummary[] {
  return (spec.derivation?.steps ?? []).map(({ id }) => {
    const own = results.flatMap(({ steps }) => steps).filter((step) => step.id === id && step.elements > 0)
    return {
      id,
      cases: own.length,
      elements: own.reduce((sum, { elements }) => sum + elements, 0),
      difference: own.reduce((worst, { difference }) => Math.max(worst, difference), 0),
    }
  })
}

/** The distribution of the ratios, of one backend or of all; 1 everywhere where nothing was measured. */
export function summariseRatios(results: readonly CaseResult[], on?: BackendName): RatioSummary {
  const ratios = results
    .flatMap(({ measures }) => measures)
    .filter(({ backend }) => on === undefined || backend === on)
    .map(({ ratio }) => ratio)
    .sort((a, b) => a - b)
  const at = (share: number): number => ratios[Math.ceil(share * ratios.length) - 1] ?? 1
  return { median: at(0.5), 'ninety-ninth percentile': at(0.99), worst: at(1) }
}

/** The cases of which something ran on the kernels of a backend. */
export function casesOnKernels(results: readonly CaseResult[], on: BackendName): number {
  return results.filter(({ onKernels }) => onKernels.includes(on)).length
}

function proveRatios(results: readonly CaseResult[], on: BackendName): Problem[] {
  return Object.entries(summariseRatios(results, on))
    .filter(([name, ratio]) => ratio > RATIOS[name as keyof typeof RATIOS])
    .map(([name, ratio]): Problem => {
      const message = `the ${name} of our float32 errors on ${on} is ${ratio.toFixed(2)} times torch's, at most ${RATIOS[name as keyof typeof RATIOS]} may be`
      return { view: 'golden', message }
    })
}

/** Falling back is never wrong, so that it has to be counted: else a backend without any kernel would pass. */
function proveKernels(spec: Spec, results: readonly CaseResult[], on: BackendName): Problem[] {
  const [least, ran] = [on === 'reference' ? 0 : (spec.onKernels ?? 0), casesOnKernels(results, on)]
  if (ran >= least) return []
  return [{ view: 'golden', message: `${ran} cases ran on the kernels of ${on}, at least ${least} must` }]
}

/** What is wrong with a spec as a whole, once all cases were proved. */
export function proveTotals(spec: Spec, results: readonly CaseResult[]): readonly Problem[] {
  const rare = summariseSteps(spec, results).filter(({ cases }) => cases < LEAST_CASES)
  return [
    ...rare.map(({ id, cases }): Problem => {
      const message = `step '${id}' of the derivation is evaluated on ${cases} cases, at least ${LEAST_CASES} are needed`
      return { view: 'equations', message }
    }),
    ...backends().flatMap((on) => [...proveRatios(results, on), ...proveKernels(spec, results, on)]),
  ]
}
