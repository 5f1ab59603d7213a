import type { Links } from '../lib/links.ts'

/** What ties the equations of CrossEntropyLoss to its code. */
export const links: Links = {
  code: [
    ['packages/loss-optim/src/cross-entropy-loss/cross-entropy-loss.ts', 'logSoftmax'],
    ['packages/loss-optim/src/cross-entropy-loss/cross-entropy-loss.ts', 'sampleLosses'],
    ['packages/loss-optim/src/cross-entropy-loss/cross-entropy-loss.ts', 'CrossEntropyLoss.bwd'],
  ],
  parts: {
    y: ['softmax', 'largest', 'softmax-shifted', 'log-softmax', 'softmax-from-log'],
    loss: [
      'target-class',
      'target-probabilities',
      'sample-loss',
      'sample-loss-plain',
      'divisor-classes',
      'divisor-probabilities',
      'divisor-none',
      'loss',
      'loss-per-sample',
    ],
    dz: [
      'upstream',
      'upstream-per-sample',
      'slope',
      'log-softmax-local',
      'dz-chain',
      'dz-substitute',
      'dz',
      'dz-plain',
    ],
  },
  symbols: {
    z: 'z',
    logp: 'lp',
    max: 'm',
    q: 'q',
    losses: 'l',
    divisor: 'Z',
    dL: 'dl',
    g: 'dz',
    'logits.g': 'dz',
  },
  steps: {
    largest: ['max = Math.max(max, logp[i])'],
    'log-softmax': ['logp[i] = logp[i] - max - logSum'],
    'sample-loss': ['losses[s] -= q['],
    upstream: ['const scale ='],
    dz: ['g[i] = (Math.exp(logp[i]) * total - q[i]) * scale'],
    'softmax-from-log': ['Math.exp(logp[i]) * total'],
  },
}
