import { Adam } from '@handgrad/loss-optim'
import type { Forms, Level } from '../lib/forms/forms.ts'
import { stepsOf } from './samples.ts'

const one = { T: 1, a: 1, skips: 0, up: 1, amsgrad: 0 }

const levels: readonly Level[] = [
  { name: 'the first step of one parameter, no decay', fixed: { ...one, lam: 0, K: 1 } },
  { name: '+ more steps', fixed: { ...one, lam: 0 } },
  { name: '+ weight decay', fixed: one },
  { name: '+ many parameters, AMSGrad, steps without a gradient', fixed: {} },
]

/** From the first step to all options. */
export const forms: Forms = {
  levels,
  ends: ['p'],
  sample({ fixed }) {
    const betas: [number, number] = [0.9, 0.99]
    const options = { lr: 0.1, betas, eps: 1e-3, weightDecay: fixed.lam === 0 ? 0 : 0.2 }
    return stepsOf((p) => new Adam([p], options), options, (fixed.K ?? 4) as number)
  },
}
