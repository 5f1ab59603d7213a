import type { Derivation, ModuleCase } from '@handgrad/gradcheck'
import { type Tensor, zeros } from '@handgrad/tensor'

/** From the forward equation of {@link Linear} to its three gradients, and to their matrix forms. */
export const derivation: Derivation<ModuleCase> = {
  symbols: {
    x: 'input, all axes but the last as M rows [M,I]',
    w: 'weight as torch keeps it [O,I]',
    W: 'the weight of the textbooks, the transpose of w [I,O]',
    b: 'bias [O]',
    y: 'output [M,O]',
    dy: 'gradient of the loss with respect to the output [M,O]',
    dx: 'gradient with respect to the input [M,I]',
    dw: 'gradient with respect to w [O,I]',
    dW: 'gradient with respect to W [I,O]',
    db: 'gradient with respect to the bias [O]',
  },
  indices: { m: 'M', r: 'M', i: 'I', o: 'O', q: 'O' },
  golden: { y: 'y', dx: 'dx', dw: 'dweight', db: 'dbias' },
  steps: [
    {
      id: 'forward',
      equation: 'y[m,o] = sum(x[m,i] * w[o,i], i) + b[o]',
      because: 'Each output feature is a weighted sum of the input features of its row, plus a bias.',
    },
    {
      id: 'dw-chain',
      equation: 'dw[o,i] = sum(dy[m,q] * diff(y[m,q], w[o,i]), m, q)',
      because: 'The chain rule: the weight reaches the loss through every row.',
    },
    {
      id: 'dw-local',
      equation: 'diff(y[m,q], w[o,i]) = (q == o) * x[m,i]',
      because: 'The output is linear in the weight, and feature o alone reads w[o,·].',
    },
    {
      id: 'dw',
      equation: 'dw[o,i] = sum(dy[m,o] * x[m,i], m)',
      because: 'Put it in; of the sum over q only q = o is left.',
    },
    {
      id: 'db-chain',
      equation: 'db[o] = sum(dy[m,q] * diff(y[m,q], b[o]), m, q)',
      because: 'The chain rule for the bias.',
    },
    {
      id: 'db-local',
      equation: 'diff(y[m,q], b[o]) = (q == o)',
      because: 'The bias is added to its own feature in every row.',
    },
    {
      id: 'db',
      equation: 'db[o] = sum(dy[m,o], m)',
      because: 'What is added to every row gathers the gradient of every row.',
    },
    {
      id: 'dx-chain',
      equation: 'dx[m,i] = sum(dy[r,o] * diff(y[r,o], x[m,i]), r, o)',
      because: 'The chain rule: an input feature reaches the loss through every output feature of its row.',
    },
    {
      id: 'dx-local',
      equation: 'diff(y[r,o], x[m,i]) = (r == m) * w[o,i]',
      because: 'The output is linear in the input, and rows do not see each other.',
    },
    {
      id: 'dx',
      equation: 'dx[m,i] = sum(dy[m,o] * w[o,i], o)',
      because: 'Put it in; of the sum over r only r = m is left.',
    },
    {
      id: 'transpose',
      equation: 'W[i,o] = w[o,i]',
      because: 'Textbooks keep the weight the other way round.',
    },
    {
      id: 'forward-matrix',
      equation: 'y = x * W + b',
      because: 'The sum over i is a matrix product; the bias is added to each row.',
      form: 'matrix',
    },
    {
      id: 'dW-matrix',
      equation: "dW = x' * dy",
      because: 'The sum over m, with the axes of W.',
      form: 'matrix',
    },
    {
      id: 'dw-matrix',
      equation: "dw = dy' * x",
      because: 'The same transposed, as torch keeps it.',
      form: 'matrix',
    },
    {
      id: 'db-matrix',
      equation: 'db = sum(dy, 0)',
      because: 'The sum over rows: dy.sum(0).',
      form: 'matrix',
    },
    {
      id: 'dx-matrix',
      equation: "dx = dy * W'",
      because: 'The sum over o.',
      form: 'matrix',
    },
  ],
  bind(_item, values) {
    const { 'param.weight': w, dweight: dw } = values
    const [O, I] = w.shape
    const rows = (t: Tensor): Tensor => t.reshape([t.data.length / t.shape.at(-1)!, t.shape.at(-1)!])
    const [x, y, dy, dx] = [values.x, values.y, values.dy, values.dx].map(rows)
    const biased = 'param.bias' in values
    const b = biased ? values['param.bias'] : zeros([O], { dtype: 'float64' })
    return {
      sizes: { M: x.shape[0], I, O },
      tensors: {
        x,
        y,
        dy,
        dx,
        w,
        dw,
        b,
        W: turned(w),
        dW: turned(dw),
        ...(biased ? { db: values.dbias } : {}),
      },
    }
  },
}

function turned(w: Tensor): Tensor {
  const [O, I] = w.shape
  const t: Tensor = zeros([I, O], { dtype: 'float64' })
  for (let o = 0; o < O; o++) for (let i = 0; i < I; i++) t.data[i * O + o] = w.data[o * I + i]
  return t
}
