import type { Links } from '../lib/links.ts'

/** What ties the equations of Dropout to its code. */
export const links: Links = {
  code: [
    ['packages/layers/src/dropout/dropout.ts', 'Dropout.compute'],
    ['packages/layers/src/dropout/dropout.ts', 'Dropout.gradients'],
    ['packages/layers/src/dropout/dropout.ts', 'Dropout.#mask'],
    ['packages/layers/src/dropout/dropout.ts', 'times'],
  ],
  // The same numbers in another shape: to point at one is to point at the other.
  same: { k: 'm' },
  symbols: {
    x: 'x',
    dy: 'dy',
    mask: 'k',
    'mask.data': 'k',
    y: 'y',
    'y.data': 'y',
  },
  steps: {
    forward: ['y: times(x, mask)'],
    dx: ['times(dy, mask)'],
  },
}
