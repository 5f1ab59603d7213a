import type { Mutant } from '@handgrad/gradcheck'

const file = 'packages/loss-optim/src/adam/adam.ts'

/** Mistakes in the means, their bias and the denominator. */
export const mutants: readonly Mutant[] = [
  { name: 'bias of the mean kept', file, find: 'lr / (1 - beta1 ** t)', replace: 'lr' },
  { name: 'bias of the square kept', file, find: 'Math.sqrt(1 - beta2 ** t)', replace: '1' },
  {
    name: 'epsilon inside the root',
    file,
    find: 'spread / correction + eps',
    replace: 'Math.sqrt((spread / correction) ** 2 + eps)',
  },
  {
    name: 'epsilon before the bias',
    file,
    find: 'spread / correction + eps',
    replace: '(spread + eps) / correction',
    trains: true,
  },
  {
    name: 'betas swapped',
    file,
    find: 'const [beta1, beta2] = betas',
    replace: 'const [beta2, beta1] = betas',
    trains: true,
  },
  { name: 'the square of the mean', file, find: '(1 - beta2) * g * g', replace: '(1 - beta2) * m[i] * m[i]' },
  {
    name: 'decay decoupled',
    file,
    find: ' + weightDecay * p[i]',
    replace: '; p[i] -= lr * weightDecay * p[i]',
  },
  {
    name: 'AMSGrad of the corrected mean',
    file,
    find: 'Math.max(largest[i], v[i])',
    replace: 'Math.max(largest[i], v[i] / correction ** 2)',
  },
  { name: 'AMSGrad forgets', file, find: 'Math.max(largest[i], v[i])', replace: 'v[i]' },
  {
    name: 'steps counted from zero',
    file,
    find: '++kept.step.data[0]',
    replace: 'kept.step.data[0]++ + 1e-9',
  },
]
