import type { Links } from '../lib/links.ts'

/** What ties the equations of Adam to its code. */
export const links: Links = {
  code: [['packages/loss-optim/src/adam/adam.ts', 'Adam.update']],
  symbols: {
    gradient: 'g',
    g: 'd',
    m: 'm',
    v: 'v',
    largest: 'w',
    p: 'p',
    lr: 'lr',
    beta1: 'B',
    beta2: 'C',
    weightDecay: 'lam',
    eps: 'eps',
    maximize: 'up',
  },
  steps: {
    direction: ['let g = maximize ?', 'g += weightDecay'],
    mean: ['m[i] = beta1 * m[i]'],
    square: ['v[i] = beta2 * v[i]'],
    largest: ['largest[i] = Math.max('],
    'bias-mean': ['lr / (1 - beta1 ** t)'],
    'bias-square': ['Math.sqrt(1 - beta2 ** t)'],
    update: ['p[i] -= (stepSize * m[i])'],
    count: ['const t = ++'],
  },
}
