import type { Cycle } from './cycle.ts'

/**
 * One stretch of the cycle: the step it ends at, and the values of rate and momentum at its ends.
 * @internal
 */
export interface Phase {
  end: number
  lr: readonly [number, number]
  momentum: readonly [number, number]
}

const anneals = {
  cos: (start: number, end: number, pct: number): number =>
    end + ((start - end) / 2) * (Math.cos(Math.PI * pct) + 1),
  linear: (start: number, end: number, pct: number): number => (end - start) * pct + start,
}

/**
 * The phases of a cycle, whose ends are torch's and need not be whole, or in order.
 * @internal
 * @throws RangeError when a step falls into a phase that begins where it ends: torch divides by zero there.
 */
export function phasesOf(cycle: Cycle): Phase[] {
  const { maxLr, totalSteps, pctStart, baseMomentum, maxMomentum, divFactor, finalDivFactor } = cycle
  const first = maxLr / divFactor
  const last = first / finalDivFactor
  const top = pctStart * totalSteps - 1
  const rise: Phase = { end: top, lr: [first, maxLr], momentum: [maxMomentum, baseMomentum] }
  const phases = cycle.threePhase
    ? [
        rise,
        { end: 2 * pctStart * totalSteps - 2, lr: [maxLr, first], momentum: [baseMomentum, maxMomentum] },
        { end: totalSteps - 1, lr: [first, last], momentum: [maxMomentum, maxMomentum] },
      ]
    : [rise, { end: totalSteps - 1, lr: [maxLr, last], momentum: [baseMomentum, maxMomentum] }]
  checkWidths(phases as Phase[], cycle)
  return phases as Phase[]
}

/** Between two ends that are equal lies no step; at the start and behind the last end there may be one. */
function checkWidths(phases: readonly Phase[], { totalSteps, pctStart }: Cycle): void {
  for (const step of [0, totalSteps]) {
    const [start, end] = stretch(phases, phaseAt(phases, step))
    if (start !== end) continue
    const which = step === 0 ? 'rise' : 'fall'
    throw new RangeError(
      `OneCycleLR: pctStart ${pctStart} of ${totalSteps} steps leaves no step for the ${which}; give another pctStart`,
    )
  }
}

function phaseAt(phases: readonly Phase[], step: number): number {
  return phases.findIndex((phase, i) => step <= phase.end || i === phases.length - 1)
}

function stretch(phases: readonly Phase[], at: number): readonly [start: number, end: number] {
  return [at === 0 ? 0 : phases[at - 1].end, phases[at].end]
}

/**
 * Rate and momentum at a step.
 * @internal
 */
export function valueAt(
  phases: readonly Phase[],
  step: number,
  strategy: keyof typeof anneals,
): { lr: number; momentum: number } {
  const at = phaseAt(phases, step)
  const [start, end] = stretch(phases, at)
  const pct = (step - start) / (end - start)
  const { lr, momentum } = phases[at]
  const anneal = anneals[strategy]
  return { lr: anneal(...lr, pct), momentum: anneal(...momentum, pct) }
}
