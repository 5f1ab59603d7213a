import type { Links } from '../lib/links.ts'

/** What ties the equations of MaxPool2d to its code. */
export const links: Links = {
  code: [
    ['packages/layers/src/max-pool2d/max-pool2d.ts', 'MaxPool2d.compute'],
    ['packages/layers/src/max-pool2d/max-pool2d.ts', 'MaxPool2d.gradients'],
    ['packages/tensor/src/reference/taps.ts', 'takeTap'],
    ['packages/tensor/src/reference/taps.ts', 'scatterTaps'],
  ],
  // The same numbers in another shape: to point at one is to point at the other.
  same: { X: 'x', P: 'dx' },
  symbols: {
    x: 'x',
    X: 'X',
    taps: 't',
    y: 'y',
    dy: 'dy',
    dx: 'dx',
    dX: 'P',
    fold: 'fold',
    scatterTaps: 'scatter',
    G: 'dy',
    best: 't',
  },
  steps: {
    unfold: ['unfold(x.reshape('],
    argmax: ['const taps = argmaxTaps(X, win)', 'best[l] = k'],
    forward: ['if (value > max[l]'],
    'forward-argmax': ['gatherTaps(X, taps)'],
    scatter: ['scatterTaps(dy.reshape(', 'if (k < K) data['],
    'dx-matrix': ['const dx = fold(dX, win)'],
  },
}
