import type { Binding, Derivation, ModuleCase } from '@handgrad/gradcheck'
import {
  fold,
  type LineWindowOptions,
  matmul,
  resolveLine,
  type Tensor,
  transposed,
  unfold,
  zeros,
} from '@handgrad/tensor'

const read = 'x[n, floor(o/Og)*Cg + c, l*s + i*d - p]'
const meets = '(l*s + i*d - p == a)'

/** From the forward equation of {@link Conv1d} to its three gradients, and to their matrix forms. */
export const derivation: Derivation<ModuleCase> = {
  symbols: {
    x: 'input [N,C,L]',
    w: 'weight [O,Cg,K]',
    b: 'bias [O]',
    y: 'output [N,O,Lo]',
    dy: 'gradient of the loss with respect to the output [N,O,Lo]',
    dx: 'gradient with respect to the input',
    dw: 'gradient with respect to the weight',
    db: 'gradient with respect to the bias',
    X: 'the windows of the input as columns [N,C·K,Lo]',
    M: 'the weight as a matrix [O,C·K]',
    P: 'the gradient of the columns [N,C·K,Lo]',
    dM: 'dw as a matrix [O,C·K]',
    Y: 'output without its bias [N,O,Lo]',
    fold: 'adds each entry of the columns to the cell of the line that it was read from [N,C,L]',
  },
  tex: {
    X: 'X_{\\mathrm{unf}}',
    Y: '\\tilde{y}',
    d: '\\delta',
  },
  indices: {
    n: 'N',
    m: 'N',
    o: 'O',
    q: 'O',
    c: 'Cg',
    k: 'C',
    i: 'K',
    l: 'Lo',
    a: 'L',
    r: 'C*K',
  },
  golden: { y: 'y', dx: 'dx', dw: 'dweight', db: 'dbias' },
  steps: [
    {
      id: 'forward',
      equation: `y[n,o,l] = sum(w[o,c,i] * ${read}, c, i) + b[o]`,
      because:
        'Each output cell is the sum of the products of the weight and the window of the input under it, plus a bias; beyond its ends the input is 0.',
    },
    {
      id: 'dw-chain',
      equation: 'dw[o,c,i] = sum(dy[n,q,l] * diff(y[n,q,l], w[o,c,i]), n, q, l)',
      because: 'The chain rule: the weight reaches the loss through every output cell.',
    },
    {
      id: 'dw-local',
      equation: `diff(y[n,q,l], w[o,c,i]) = (q == o) * ${read}`,
      because:
        'The output is linear in the weight: what multiplies w[o,c,i] is one cell of the input, and only in output channel o.',
    },
    {
      id: 'dw-substitute',
      equation: `dw[o,c,i] = sum(dy[n,q,l] * (q == o) * ${read}, n, q, l)`,
      because: 'Put the local derivative into the chain rule.',
    },
    {
      id: 'dw',
      equation: `dw[o,c,i] = sum(dy[n,o,l] * ${read}, n, l)`,
      because:
        'Of the sum over q only the term q = o is left: dy is laid on the input as a kernel is, its cells a stride apart.',
    },
    {
      id: 'db-chain',
      equation: 'db[o] = sum(dy[n,q,l] * diff(y[n,q,l], b[o]), n, q, l)',
      because: 'The chain rule for the bias.',
    },
    {
      id: 'db-local',
      equation: 'diff(y[n,q,l], b[o]) = (q == o)',
      because: 'The bias of a channel is added to every cell of that channel, and to no other.',
    },
    {
      id: 'db',
      equation: 'db[o] = sum(dy[n,o,l], n, l)',
      because: 'What is added everywhere gathers the gradient of everywhere.',
    },
    {
      id: 'dx-chain',
      equation: 'dx[n,k,a] = sum(dy[m,o,l] * diff(y[m,o,l], x[n,k,a]), m, o, l)',
      because:
        'The chain rule: a cell of the input reaches the loss through every output cell whose window covers it.',
    },
    {
      id: 'dx-local',
      equation: `diff(y[m,o,l], x[n,k,a]) = sum(w[o,c,i] * (m == n) * (floor(o/Og)*Cg + c == k) * ${meets}, c, i)`,
      because:
        'The output at l reads the cell a through the tap i for which l·s + i·δ − p = a, if there is one.',
    },
    {
      id: 'dx',
      equation: `dx[n,k,a] = sum(dy[n,o,l] * w[o,c,i] * (floor(o/Og)*Cg + c == k) * ${meets}, o, c, i, l)`,
      because: 'Put the local derivative into the chain rule; only the line n itself is left.',
    },
    {
      id: 'dx-flipped',
      equation:
        'dx[n,k,a] = sum(w[o,c,i] * (floor(o/Og)*Cg + c == k) * (mod(a + p - i*d, s) == 0) * dy[n, o, (a + p - i*d)/s], o, c, i)',
      because:
        'Solve the condition for l. The taps now count backwards: dx is a convolution of dy with the flipped kernel; a stride leaves holes where the division has a remainder.',
    },
    {
      id: 'unfold',
      equation: 'X[n,r,l] = x[n, floor(r/K), l*s + mod(r, K)*d - p]',
      because: 'Write the window under each output position l as a column, with rows r = c·K + i.',
    },
    {
      id: 'weight-matrix',
      equation: 'M[o,r] = w[o, floor(r/K), mod(r, K)]',
      because: 'The same rows for the weight.',
      when: 'groups == 1',
    },
    {
      id: 'forward-matrix',
      equation: 'Y[n] = M * X[n]',
      because:
        'The sum over c, i is a sum over r: a matrix product for each line (the bias is added after it).',
      form: 'matrix',
      when: 'groups == 1',
    },
    {
      id: 'dw-matrix',
      equation: "dM = sum(dy[n] * X[n]', n)",
      because:
        'The sum over l: the output gradient times the transposed columns, added over the lines. Its positions have one axis already.',
      form: 'matrix',
      when: 'groups == 1',
    },
    {
      id: 'db-matrix',
      equation: 'db = sum(dy, 0, 2)',
      because: 'The sum over lines and positions: dy.sum((0, 2)).',
      form: 'matrix',
    },
    {
      id: 'columns-gradient',
      equation: "P[n] = M' * dy[n]",
      because:
        'The product M X is linear in X, and the transpose of multiplying by M is multiplying by its transpose.',
      form: 'matrix',
      when: 'groups == 1',
    },
    {
      id: 'fold',
      equation: `fold(P)[n,k,a] = sum(P[n, k*K + i, l] * ${meets}, i, l)`,
      because:
        'Unfold copies cells into columns; its transpose adds each column entry back to the cell that it came from.',
    },
    {
      id: 'dx-matrix',
      equation: "dx = fold(M' * dy)",
      because: 'The gradient of the columns, folded back into the line.',
      form: 'matrix',
      when: 'groups == 1',
    },
  ],
  bind,
}

const batched = (t: Tensor): Tensor => (t.shape.length === 3 ? t : t.reshape([1, ...t.shape]))

function bind({ options = {}, args = [] }: ModuleCase, values: Readonly<Record<string, Tensor>>): Binding {
  const [x, y, dy, dx] = [values.x, values.y, values.dy, values.dx].map(batched)
  const { 'param.weight': w, dweight: dw } = values
  const { groups = 1, ...window } = options as Partial<LineWindowOptions> & { groups?: number }
  const [N, C, L] = x.shape
  const [O, Cg, K] = w.shape
  const win = resolveLine(L, { ...window, kernelSize: args[2] as number })
  const biased = 'param.bias' in values
  const b = biased ? values['param.bias'] : zeros([O], { dtype: 'float64' })
  const X = unfold(x.reshape([N, C, 1, L]), win)
  const folded = (columns: Tensor): Tensor => fold(columns, win).reshape([N, C, L])
  const tensors = {
    x,
    y,
    dy,
    dx,
    w,
    dw,
    b,
    X,
    P: X,
    fold: folded(X),
    ...(biased ? { db: values.dbias } : {}),
  }
  const { sw: s, pw: p, dw: d, Wo: Lo } = win
  const sizes = { N, C, L, O, Cg, K, Lo, s, p, d, Og: O / groups, groups }
  if (groups > 1) return { sizes, tensors }
  const M = w.reshape([O, C * K])
  const P = matmul(transposed(M), dy)
  const Y = matmul(M, X)
  return { sizes, tensors: { ...tensors, M, dM: dw.reshape([O, C * K]), Y, P, fold: folded(P) } }
}
