import type { Links } from '../lib/links.ts'

/** What ties the equations of Flatten to its code. */
export const links: Links = {
  code: [
    ['packages/layers/src/flatten/flatten.ts', 'Flatten.compute'],
    ['packages/layers/src/flatten/flatten.ts', 'Flatten.gradients'],
  ],
  symbols: {
    x: 'x',
    y: 'y',
    dy: 'dy',
  },
  steps: {
    forward: ['x.clone().reshape(outShape)'],
    dx: ['dy.clone().reshape(shape)'],
  },
}
