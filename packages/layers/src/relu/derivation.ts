import type { Derivation, ModuleCase } from '@handgrad/gradcheck'

/** The derivative of {@link ReLU}, by cases. */
export const derivation: Derivation<ModuleCase> = {
  symbols: {
    x: 'input, all of its T elements in one row [T]',
    y: 'output [T]',
    dy: 'gradient of the loss with respect to the output [T]',
    dx: 'gradient with respect to the input [T]',
  },
  indices: { t: 'T', u: 'T' },
  golden: { y: 'y', dx: 'dx' },
  steps: [
    {
      id: 'forward',
      equation: 'y[t] = x[t] <= 0 ? 0 : x[t]',
      because: 'ReLU keeps what is above 0. Asked this way round, NaN is kept too, as torch does.',
    },
    {
      id: 'dx-chain',
      equation: 'dx[t] = sum(dy[u] * diff(y[u], x[t]), u)',
      because: 'The chain rule over all elements of the output.',
    },
    {
      id: 'dx-local',
      equation: 'diff(y[u], x[t]) = (u == t) * (x[t] <= 0 ? 0 : 1)',
      because:
        'Each output depends on its own input alone, with slope 1 above 0 and 0 below; at 0, where there is no slope, torch takes 0.',
    },
    {
      id: 'dx-cases',
      equation: 'dx[t] = x[t] <= 0 ? 0 : dy[t]',
      because: 'Of the sum only u = t is left.',
    },
    {
      id: 'dx-indicator',
      equation: 'dx[t] = dy[t] * (x[t] > 0)',
      because: 'The same as a product with a mask, 1(x > 0), as long as nothing is NaN.',
      when: 'nan == 0',
    },
    {
      id: 'dx-mask',
      equation: 'dx[t] = dy[t] * (y[t] > 0)',
      because: 'The output is above 0 exactly where the input is, so the mask can be taken from either.',
      when: 'nan == 0',
    },
  ],
  bind(_item, values) {
    const T = values.x.data.length
    const row = (name: string) => values[name].reshape([T])
    return {
      sizes: { T, nan: Number(values.x.data.some(Number.isNaN)) },
      tensors: { x: row('x'), y: row('y'), dy: row('dy'), dx: row('dx') },
    }
  },
}
