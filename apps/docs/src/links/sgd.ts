import type { Links } from '../lib/links.ts'

/** What ties the equations of SGD to its code. */
export const links: Links = {
  code: [['packages/loss-optim/src/sgd/sgd.ts', 'SGD.update']],
  symbols: {
    gradient: 'g',
    d: 'd',
    v: 'v',
    p: 'p',
    lr: 'lr',
    momentum: 'mu',
    dampening: 'tau',
    weightDecay: 'lam',
    maximize: 'up',
  },
  steps: {
    direction: ['let d = maximize ?', 'd += weightDecay'],
    velocity: ['v[i] = first ? d :'],
    step: ['d = nesterov ?'],
    update: ['p[i] -= lr * d'],
  },
}
