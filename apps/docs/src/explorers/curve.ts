import { type GradcheckReport, gradcheck } from '@handgrad/gradcheck'
import { manualSeed } from '@handgrad/tensor'
import type { Subject } from './subjects.ts'

/** What the checker finds for one ε. */
export interface CurvePoint {
  readonly eps: number
  /** As it is judged: kinks are skipped. */
  readonly report: GradcheckReport
  /** With every coordinate, kinks too. */
  readonly raw: GradcheckReport
}

/** From 1e−13 up to 1, three to a power of ten: in the order of the chart. */
export const epsilons: readonly number[] = Array.from({ length: 40 }, (_, i) => 10 ** ((i - 39) / 3))

/** Where in {@link epsilons} the nearest one to `eps` is. */
export function nearest(eps: number): number {
  const at = Math.round(3 * Math.log10(eps)) + 39
  return Math.min(39, Math.max(0, at))
}

function check(subject: Subject, options: { eps: number; atol?: number }): GradcheckReport {
  const { layer, inputs } = subject.make()
  manualSeed(0)
  return gradcheck(layer, inputs, { ...options, maxSkipped: 1 })
}

/** Checks a subject at one ε. */
export function checkAt(subject: Subject, eps: number): CurvePoint {
  // Where everything is allowed, no coordinate counts as a kink.
  return { eps, report: check(subject, { eps }), raw: check(subject, { eps, atol: Infinity }) }
}

/** The largest distance between analytic and numeric gradient of one tensor. */
export function errorOf({ tensors }: GradcheckReport, name: string): number {
  const worst = tensors.find((found) => found.name === name)?.worst
  return worst ? Math.abs(worst.analytic - worst.numeric) : Number.NaN
}

/** What the report of one ε says, in a line. */
export function verdictOf({ coordinates, skipped, failed, passed, problems }: GradcheckReport): string {
  const counts = `${coordinates} coordinates, ${skipped} skipped as kinks, ${failed} failed`
  if (skipped === coordinates) return `Nothing was tested here: ${counts}. That is no evidence.`
  if (failed > 0) return `✗ Not all gradients pass here: ${counts}.`
  if (!passed) return `Not everything was tested here: ${counts}. ${problems.join('; ')}.`
  const tested = skipped === 0 ? 'All gradients pass here' : 'All that was tested passes here'
  return `✓ ${tested}: ${counts}.`
}

/** The largest one of all tensors, kinks skipped. */
export function judgedError({ report }: CurvePoint): number {
  return Math.max(...report.tensors.map(({ name }) => errorOf(report, name)))
}
