import { type GradcheckReport, gradcheck } from '@handgrad/gradcheck'
import { manualSeed } from '@handgrad/tensor'
import type { Subject } from './subjects.ts'

/** What the checker finds for one ε. */
export interface CurvePoint {
  readonly eps: number
  readonly report: GradcheckReport
}

/** From 1 down to 1e−13, three to a power of ten. */
export const epsilons: readonly number[] = Array.from({ length: 40 }, (_, i) => 10 ** (-i / 3))

/** Checks a subject at one ε. */
export function checkAt(subject: Subject, eps: number): CurvePoint {
  const { layer, inputs } = subject.make()
  manualSeed(0)
  return { eps, report: gradcheck(layer, inputs, { eps, maxSkipped: 1 }) }
}

/** The largest distance between analytic and numeric gradient, per tensor. */
export function errorOf({ report }: CurvePoint, name: string): number {
  const worst = report.tensors.find((found) => found.name === name)?.worst
  return worst ? Math.abs(worst.analytic - worst.numeric) : Number.NaN
}
