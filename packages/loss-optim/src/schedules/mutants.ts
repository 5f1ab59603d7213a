import type { Mutant } from '@handgrad/gradcheck'

const cycle = 'packages/loss-optim/src/schedules/phases.ts'
const step = 'packages/loss-optim/src/schedules/step-lr.ts'

/** Mistakes in when a rate changes and where it ends. */
export const mutants: readonly Mutant[] = [
  {
    name: 'the peak a step late',
    file: cycle,
    find: 'const top = pctStart * totalSteps - 1',
    replace: 'const top = pctStart * totalSteps',
  },
  {
    name: 'half a cosine',
    file: cycle,
    find: 'Math.cos(Math.PI * pct)',
    replace: 'Math.cos((Math.PI / 2) * pct)',
  },
  {
    name: 'ends at a share of the peak',
    file: cycle,
    find: 'const last = first / finalDivFactor',
    replace: 'const last = maxLr / finalDivFactor',
  },
  {
    name: 'momentum follows the rate',
    file: cycle,
    find: 'momentum: [maxMomentum, baseMomentum] }\n',
    replace: 'momentum: [baseMomentum, maxMomentum] }\n',
  },
  {
    name: 'drops a step early',
    file: step,
    find: 'this.lastEpoch % this.stepSize === 0',
    replace: '(this.lastEpoch + 1) % this.stepSize === 0',
  },
]
