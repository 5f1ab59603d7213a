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

/** The distribution of the ratios; 1 everywhere where nothing was measured. */
export function summariseRatios(results: readonly CaseResult[]): RatioSummary {
  const ratios = results.flatMap(({ measures }) => measures.map(({ ratio }) => ratio)).sort((a, b) => a - b)
  const at = (share: number): number => ratios[Math.ceil(share * ratios.length) - 1] ?? 1
  return { median: at(0.5), 'ninety-ninth percentile': at(0.99), worst: at(1) }
}

/** What is wrong with a spec as a whole, once all cases were proved. */
export function proveTotals(spec: Spec, results: readonly CaseResult[]): readonly Problem[] {
  const rare = summariseSteps(spec, results).filter(({ cases }) => cases < LEAST_CASES)
  const ratios = Object.entries(summariseRatios(results))
  return [
    ...rare.map(({ id, cases }): Problem => {
      const message = `step '${id}' of the derivation is evaluated on ${cases} cases, at least ${LEAST_CASES} are needed`
      return { view: 'equations', message }
    }),
    ...ratios
      .filter(([name, ratio]) => ratio > RATIOS[name as keyof typeof RATIOS])
      .map(([name, ratio]): Problem => {
        const message = `the ${name} of our float32 errors is ${ratio.toFixed(2)} times torch's, at most ${RATIOS[name as keyof typeof RATIOS]} may be`
        return { view: 'golden', message }
      }),
  ]
}
