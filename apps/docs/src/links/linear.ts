import type { Links } from '../lib/links.ts'

/** What ties the equations of Linear to its code. */
export const links: Links = {
  code: [
    ['packages/layers/src/linear/linear.ts', 'Linear.compute'],
    ['packages/layers/src/linear/linear.ts', 'Linear.gradients'],
  ],
  parts: {
    y: ['forward'],
    dx: ['dx-chain', 'dx-local', 'dx'],
    dw: ['dw-chain', 'dw-local', 'dw'],
    db: ['db-chain', 'db-local', 'db'],
    matrix: ['transpose', 'forward-matrix', 'dx-matrix', 'dW-matrix', 'dw-matrix', 'db-matrix'],
  },
  // The same numbers in another shape: to point at one is to point at the other.
  same: { W: 'w', dW: 'dw' },
  symbols: {
    x: 'x',
    X: 'x',
    Y: 'y',
    dy: 'dy',
    G: 'dy',
    'this.weight': 'w',
    'this.bias': 'b',
  },
  steps: {
    'forward-matrix': ['matmul(X, transposed(this.weight))'],
    'dw-matrix': ['matmul(transposed(G), x.reshape('],
    'db-matrix': ['sum(G, [0])'],
    'dx-matrix': ['matmul(G, this.weight)'],
  },
}
