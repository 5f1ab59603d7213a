import type { Links } from '../lib/links.ts'

/** What ties the equations of Conv1d to its code. */
export const links: Links = {
  code: [
    ['packages/layers/src/conv1d/conv1d.ts', 'Conv1d.compute'],
    ['packages/layers/src/conv1d/conv1d.ts', 'Conv1d.gradients'],
  ],
  parts: {
    y: ['forward'],
    db: ['db-chain', 'db-local', 'db'],
    dw: ['dw-chain', 'dw-local', 'dw-substitute', 'dw'],
    dx: ['dx-chain', 'dx-local', 'dx', 'dx-flipped'],
    matrix: [
      'unfold',
      'weight-matrix',
      'forward-matrix',
      'dw-matrix',
      'db-matrix',
      'columns-gradient',
      'fold',
      'dx-matrix',
    ],
  },
  // The same numbers in another shape: to point at one is to point at the other.
  same: { X: 'x', M: 'w', P: 'dx', dM: 'dw', Y: 'y' },
  symbols: {
    x: 'x',
    dy: 'dy',
    X: 'X',
    Y: 'Y',
    G: 'dy',
    dX: 'P',
    'this.#matrix()': 'M',
    'this.weight': 'dM',
    'this.bias': 'b',
    fold: 'fold',
  },
  steps: {
    unfold: ['this.#grouped(unfold('],
    'forward-matrix': ['matmul(this.#matrix(), X)'],
    forward: ['addPerChannel(Y, this.bias)'],
    'dw-matrix': ['sum(matmul(G, transposed(X)), [0])'],
    'db-matrix': ['addGrad(this.bias, sum('],
    'columns-gradient': ['matmul(transposed(this.#matrix()), G)'],
    'dx-matrix': ['return fold(dX, win)'],
  },
}
