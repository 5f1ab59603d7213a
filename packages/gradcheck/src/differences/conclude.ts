import { formatShape } from '@handgrad/tensor'
import type { GradcheckReport } from './gradcheck.ts'
import type { GradcheckTensor } from './judge.ts'

/** What the problem says that is no evidence rather than evidence against. */
export const NOTHING_TESTED = 'nothing tested'

function problemsOf({ name, failed, worst, coordinates, skipped }: GradcheckTensor, share: number): string[] {
  const problems: string[] = []
  if (failed > 0 && worst !== null) {
    const at = `worst at ${formatShape(worst.index)}: bwd() gives ${worst.analytic}, differences give ${worst.numeric}`
    problems.push(`d${name}: ${failed} of ${coordinates - skipped} coordinates are wrong, ${at}`)
  }
  if (coordinates > 0 && skipped === coordinates) {
    problems.push(`d${name}: ${NOTHING_TESTED}, all ${coordinates} coordinates are kinks`)
  } else if (skipped > share * coordinates) {
    problems.push(
      `d${name}: ${skipped} of ${coordinates} coordinates are kinks, at most ${share} of them may be`,
    )
  }
  return problems
}

/** Adds up what was found by tensor, and says what is wrong besides the problems that are known. */
export function conclude(
  tensors: readonly GradcheckTensor[],
  known: readonly string[],
  maxSkipped: number,
): GradcheckReport {
  const total = (key: 'coordinates' | 'skipped' | 'failed'): number =>
    tensors.reduce((sum, t) => sum + t[key], 0)
  const coordinates = total('coordinates')
  const problems = [...known, ...tensors.flatMap((t) => problemsOf(t, maxSkipped))]
  if (coordinates === 0) problems.push(`${NOTHING_TESTED}: neither the input nor a parameter has an element`)
  return {
    passed: problems.length === 0,
    coordinates,
    skipped: total('skipped'),
    failed: total('failed'),
    tensors,
    problems,
  }
}
