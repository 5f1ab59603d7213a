import { SGD } from '@handgrad/loss-optim'
import type { Forms, Level } from '../lib/forms/forms.ts'
import { stepsOf } from './samples.ts'

const one = { T: 1, a: 1, skips: 0, up: 1, nesterov: 0, tau: 0 }
const facts = ['mu != 0']

const levels: readonly Level[] = [
  { name: 'one parameter, no momentum, no decay', fixed: { ...one, mu: 0, lam: 0 } },
  { name: '+ momentum', fixed: { ...one, lam: 0 }, facts },
  { name: '+ weight decay', fixed: one, facts },
  { name: '+ many parameters, dampening, Nesterov, steps without a gradient', fixed: {} },
]

/** From the plain step to all options. */
export const forms: Forms = {
  levels,
  ends: ['p'],
  sample({ fixed }) {
    const options = { lr: 0.1, momentum: fixed.mu === 0 ? 0 : 0.9, weightDecay: fixed.lam === 0 ? 0 : 0.2 }
    return stepsOf((p) => new SGD([p], options), options, 4)
  },
}
