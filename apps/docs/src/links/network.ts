import type { Links } from '../lib/links.ts'

const sequential = 'packages/layers/src/containers/sequential.ts'

/** What ties the equations of the chain rule through the seed's network to its code. */
export const links: Links = {
  code: [
    [sequential, 'Sequential.forward'],
    [sequential, 'Sequential.backward'],
  ],
  parts: {
    forward: [
      'conv1',
      'relu1',
      'argmax1',
      'pool1',
      'conv2',
      'relu2',
      'argmax2',
      'pool2',
      'flatten',
      'linear',
      'log-softmax',
      'loss',
    ],
    loss: ['log-softmax-local', 'dz3-chain', 'dz3'],
    linear: ['dw3-chain', 'dw3-local', 'dw3', 'db3-chain', 'db3', 'dfl-chain', 'dfl-local', 'dfl'],
    second: [
      'dp2-chain',
      'dp2',
      'dr2-chain',
      'dr2',
      'dz2-chain',
      'dz2',
      'dw2-chain',
      'dw2',
      'db2-chain',
      'db2',
      'dp1-chain',
      'dp1-taps',
      'dp1',
    ],
    first: [
      'dr1-chain',
      'dr1',
      'dz1-chain',
      'dz1',
      'dw1-chain',
      'dw1',
      'db1-chain',
      'db1',
      'dx-chain',
      'dx-taps',
      'dx',
    ],
  },
  symbols: {},
}
