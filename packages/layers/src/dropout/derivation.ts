import type { Derivation, ModuleCase } from '@handgrad/gradcheck'
import { Generator, ones, type Tensor, zeros } from '@handgrad/tensor'

/** {@link Dropout} multiplies with a mask, and so does its gradient. */
export const derivation: Derivation<ModuleCase> = {
  symbols: {
    x: 'input, all of its T elements in one row [T]',
    k: '1 for what is kept, 0 for what is dropped; drawn anew for every pass [T]',
    q: 'the probability of being kept, 1 − p; 1 in evaluation',
    y: 'output [T]',
    dy: 'gradient of the loss with respect to the output [T]',
    dx: 'gradient with respect to the input [T]',
    z: 'any number',
  },
  indices: { t: 'T', u: 'T' },
  golden: { y: 'y', dx: 'dx' },
  steps: [
    {
      id: 'forward',
      equation: 'y[t] = x[t] * (k[t] / q)',
      because: 'What is kept is scaled up by 1/q, so that the expected value of the output is the input.',
    },
    {
      id: 'dx-chain',
      equation: 'dx[t] = sum(dy[u] * diff(y[u], x[t]), u)',
      because: 'The chain rule over all elements of the output; the mask is a constant.',
    },
    {
      id: 'dx-local',
      equation: 'diff(y[u], x[t]) = (u == t) * (k[t] / q)',
      because: 'Each output is its own input times a factor.',
    },
    {
      id: 'slope',
      equation: 'diff(z / q, z) = 1 / q',
      because: 'The slope of a kept element, as a function of one variable.',
    },
    {
      id: 'dx',
      equation: 'dx[t] = dy[t] * (k[t] / q)',
      because: 'Of the sum only u = t is left: the same mask as in the forward pass, with the same scale.',
    },
  ],
  bind({ args = [], mode = 'train', seed }, values) {
    const T = values.x.data.length
    const [p = 0.5] = args as [number?]
    const drops = mode === 'train' && p > 0
    const k = drops ? kept(T, p, seed ?? 0) : ones([T], { dtype: 'float64' })
    const row = (name: string): Tensor => values[name].reshape([T])
    return {
      // With p = 1 nothing is kept, and the scale does not matter.
      sizes: { T, q: drops && p < 1 ? 1 - p : 1, z: 0.7 },
      tensors: { x: row('x'), y: row('y'), dy: row('dy'), dx: row('dx'), k },
    }
  },
}

function kept(T: number, p: number, seed: number): Tensor {
  const k: Tensor = zeros([T], { dtype: 'float64' })
  if (p < 1) new Generator(seed).bernoulli(k.data, 1 - p)
  return k
}
