import type { Links } from '../lib/links.ts'

/** What ties the equations of Conv2d to its code. */
export const links: Links = {
  code: [
    ['packages/layers/src/conv2d/conv2d.ts', 'Conv2d.compute'],
    ['packages/layers/src/conv2d/conv2d.ts', 'Conv2d.gradients'],
    ['packages/tensor/src/reference/unfold.ts', 'rowsOf'],
    ['packages/tensor/src/reference/unfold.ts', 'addRows'],
  ],
  parts: {
    y: ['forward'],
    db: ['db-chain', 'db-local', 'db'],
    dw: ['dw-chain', 'dw-local', 'dw-substitute', 'dw'],
    dx: ['dx-chain', 'dx-local', 'dx', 'dx-flipped'],
    matrix: [
      'unfold',
      'weight-matrix',
      'gradient-matrix',
      'forward-matrix',
      'dw-matrix',
      'db-matrix',
      'columns-gradient',
      'fold',
      'dx-matrix',
    ],
  },
  // The same numbers in another shape: to point at one is to point at the other.
  same: { X: 'x', M: 'w', G: 'dy', P: 'dx', dM: 'dw', Y: 'y' },
  symbols: {
    x: 'x',
    dy: 'dy',
    dx: 'dx',
    X: 'X',
    Y: 'Y',
    G: 'G',
    dX: 'P',
    'this.#matrix()': 'M',
    'this.weight': 'dM',
    'this.bias': 'b',
    fold: 'fold',
    image: 'dx',
    columns: 'P',
  },
  steps: {
    unfold: ['this.#grouped(unfold('],
    'forward-matrix': ['matmul(this.#matrix(), X)'],
    forward: ['addPerChannel(Y, this.bias)'],
    'gradient-matrix': ['const G = this.#grouped('],
    'dw-matrix': ['sum(matmul(G, transposed(X)), [0])'],
    'db-matrix': ['addGrad(this.bias, sum('],
    'columns-gradient': ['matmul(transposed(this.#matrix()), G)'],
    'dx-matrix': ['const dx = fold(dX, win)'],
    fold: ['image[cell] += columns[entry]'],
    dx: ['const y = h * sh + i * dh - ph'],
  },
}
