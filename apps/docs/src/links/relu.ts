import type { Links } from '../lib/links.ts'

/** What ties the equations of ReLU to its code. */
export const links: Links = {
  code: [
    ['packages/layers/src/relu/relu.ts', 'ReLU.compute'],
    ['packages/layers/src/relu/relu.ts', 'ReLU.gradients'],
  ],
  symbols: {
    x: 'x',
    'x.data': 'x',
    'y.data': 'y',
    'dx.data': 'dx',
    'dy.data': 'dy',
    y: 'y',
    dy: 'dy',
    dx: 'dx',
  },
  steps: {
    forward: ['y.data[i] = v < 0 ? 0 : v'],
    'dx-cases': ['dx.data[i] = x.data[i] <= 0 ? 0 : dy.data[i]'],
  },
}
