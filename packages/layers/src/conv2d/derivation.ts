import type { Binding, Derivation, ModuleCase } from '@handgrad/gradcheck'
import {
  fold,
  matmul,
  type Pair,
  resolveWindow,
  type Tensor,
  transposed,
  unfold,
  type WindowOptions,
  zeros,
} from '@handgrad/tensor'

const read = 'x[n, floor(o/Og)*Cg + c, h*sh + i*eh - ph, v*sw + j*ew - pw]'
const meets = '(h*sh + i*eh - ph == a) * (v*sw + j*ew - pw == e)'

/** From the forward equation of {@link Conv2d} to its three gradients, and to their matrix forms. */
export const derivation: Derivation<ModuleCase> = {
  symbols: {
    x: 'input [N,C,H,W]',
    w: 'weight [O,Cg,Kh,Kw]',
    b: 'bias [O]',
    y: 'output [N,O,Ho,Wo]',
    dy: 'gradient of the loss with respect to the output [N,O,Ho,Wo]',
    dx: 'gradient with respect to the input',
    dw: 'gradient with respect to the weight',
    db: 'gradient with respect to the bias',
    X: 'the windows of the input as columns [N,C·Kh·Kw,Ho·Wo]',
    M: 'the weight as a matrix [O,C·Kh·Kw]',
    G: 'dy with one axis of positions [N,O,Ho·Wo]',
    P: 'the gradient of the columns [N,C·Kh·Kw,Ho·Wo]',
    dM: 'dw as a matrix [O,C·Kh·Kw]',
    Y: 'output without its bias, one axis of positions [N,O,Ho·Wo]',
    fold: 'adds each entry of the columns to the cell of the image that it was read from [N,C,H,W]',
  },
  tex: {
    X: 'X_{\\mathrm{unf}}',
    Y: '\\tilde{y}',
    eh: '\\delta_{\\mathrm{h}}',
    ew: '\\delta_{\\mathrm{w}}',
  },
  indices: {
    n: 'N',
    m: 'N',
    o: 'O',
    q: 'O',
    c: 'Cg',
    k: 'C',
    i: 'Kh',
    j: 'Kw',
    h: 'Ho',
    v: 'Wo',
    a: 'H',
    e: 'W',
    r: 'C*Kh*Kw',
    l: 'Ho*Wo',
  },
  golden: { y: 'y', dx: 'dx', dw: 'dweight', db: 'dbias' },
  steps: [
    {
      id: 'forward',
      equation: `y[n,o,h,v] = sum(w[o,c,i,j] * ${read}, c, i, j) + b[o]`,
      because:
        'Each output cell is the sum of the products of the weight and the window of the input under it, plus a bias; outside its borders the input is 0.',
    },
    {
      id: 'dw-chain',
      equation: 'dw[o,c,i,j] = sum(dy[n,q,h,v] * diff(y[n,q,h,v], w[o,c,i,j]), n, q, h, v)',
      because: 'The chain rule: the weight reaches the loss through every output cell.',
    },
    {
      id: 'dw-local',
      equation: `diff(y[n,q,h,v], w[o,c,i,j]) = (q == o) * ${read}`,
      because:
        'The output is linear in the weight: what multiplies w[o,c,i,j] is one cell of the input, and only in output channel o.',
    },
    {
      id: 'dw-substitute',
      equation: `dw[o,c,i,j] = sum(dy[n,q,h,v] * (q == o) * ${read}, n, q, h, v)`,
      because: 'Put the local derivative into the chain rule.',
    },
    {
      id: 'dw',
      equation: `dw[o,c,i,j] = sum(dy[n,o,h,v] * ${read}, n, h, v)`,
      because:
        'Of the sum over q only the term q = o is left: dy is laid on the input as a kernel is, its cells a stride apart.',
    },
    {
      id: 'db-chain',
      equation: 'db[o] = sum(dy[n,q,h,v] * diff(y[n,q,h,v], b[o]), n, q, h, v)',
      because: 'The chain rule for the bias.',
    },
    {
      id: 'db-local',
      equation: 'diff(y[n,q,h,v], b[o]) = (q == o)',
      because: 'The bias of a channel is added to every cell of that channel, and to no other.',
    },
    {
      id: 'db',
      equation: 'db[o] = sum(dy[n,o,h,v], n, h, v)',
      because: 'What is added everywhere gathers the gradient of everywhere.',
    },
    {
      id: 'dx-chain',
      equation: 'dx[n,k,a,e] = sum(dy[m,o,h,v] * diff(y[m,o,h,v], x[n,k,a,e]), m, o, h, v)',
      because:
        'The chain rule: a cell of the input reaches the loss through every output cell whose window covers it.',
    },
    {
      id: 'dx-local',
      equation: `diff(y[m,o,h,v], x[n,k,a,e]) = sum(w[o,c,i,j] * (m == n) * (floor(o/Og)*Cg + c == k) * ${meets}, c, i, j)`,
      because:
        'The output at (h,v) reads the cell (a,e) through the tap (i,j) for which h·s + i·δ − p = a and v·s + j·δ − p = e, if there is one.',
    },
    {
      id: 'dx',
      equation: `dx[n,k,a,e] = sum(dy[n,o,h,v] * w[o,c,i,j] * (floor(o/Og)*Cg + c == k) * ${meets}, o, c, i, j, h, v)`,
      because: 'Put the local derivative into the chain rule; only the image n itself is left.',
    },
    {
      id: 'dx-flipped',
      equation:
        'dx[n,k,a,e] = sum(w[o,c,i,j] * (floor(o/Og)*Cg + c == k) * (mod(a + ph - i*eh, sh) == 0) * (mod(e + pw - j*ew, sw) == 0) * dy[n, o, (a + ph - i*eh)/sh, (e + pw - j*ew)/sw], o, c, i, j)',
      because:
        'Solve both conditions for h and v. The taps now count backwards: dx is a convolution of dy with the flipped kernel; a stride leaves holes where the division has a remainder.',
    },
    {
      id: 'unfold',
      equation:
        'X[n,r,l] = x[n, floor(r/(Kh*Kw)), floor(l/Wo)*sh + mod(floor(r/Kw), Kh)*eh - ph, mod(l, Wo)*sw + mod(r, Kw)*ew - pw]',
      because:
        'Write the window under each output position l = h·Wo + v as a column, with rows r = (c·Kh + i)·Kw + j.',
    },
    {
      id: 'weight-matrix',
      equation: 'M[o,r] = w[o, floor(r/(Kh*Kw)), mod(floor(r/Kw), Kh), mod(r, Kw)]',
      because: 'The same rows for the weight.',
      when: 'groups == 1',
    },
    {
      id: 'gradient-matrix',
      equation: 'G[n,o,l] = dy[n, o, floor(l/Wo), mod(l, Wo)]',
      because: 'The same columns for the output gradient.',
    },
    {
      id: 'forward-matrix',
      equation: 'Y[n] = M * X[n]',
      because:
        'The sum over c, i, j is a sum over r: a matrix product for each image (the bias is added after it).',
      form: 'matrix',
      when: 'groups == 1',
    },
    {
      id: 'dw-matrix',
      equation: "dM = sum(G[n] * X[n]', n)",
      because:
        'The sum over h, v is a sum over l: the output gradient times the transposed columns, added over the images.',
      form: 'matrix',
      when: 'groups == 1',
    },
    {
      id: 'db-matrix',
      equation: 'db = sum(G, 0, 2)',
      because: 'The sum over images and positions: G.sum((0, 2)).',
      form: 'matrix',
    },
    {
      id: 'columns-gradient',
      equation: "P[n] = M' * G[n]",
      because:
        'The product M X is linear in X, and the transpose of multiplying by M is multiplying by its transpose.',
      form: 'matrix',
      when: 'groups == 1',
    },
    {
      id: 'fold',
      equation: `fold(P)[n,k,a,e] = sum(P[n, (k*Kh + i)*Kw + j, h*Wo + v] * ${meets}, i, j, h, v)`,
      because:
        'Unfold copies cells into columns; its transpose adds each column entry back to the cell that it came from.',
    },
    {
      id: 'dx-matrix',
      equation: "dx = fold(M' * G)",
      because: 'The gradient of the columns, folded back into the image.',
      form: 'matrix',
      when: 'groups == 1',
    },
  ],
  bind,
}

const batched = (t: Tensor): Tensor => (t.shape.length === 4 ? t : t.reshape([1, ...t.shape]))

function bind({ options = {}, args = [] }: ModuleCase, values: Readonly<Record<string, Tensor>>): Binding {
  const [x, y, dy, dx] = [values.x, values.y, values.dy, values.dx].map(batched)
  const { 'param.weight': w, dweight: dw } = values
  const { groups = 1, ...window } = options as Partial<WindowOptions> & { groups?: number }
  const [N, C, H, W] = x.shape
  const [O, Cg, Kh, Kw] = w.shape
  const win = resolveWindow(H, W, { ...window, kernelSize: args[2] as Pair })
  const [R, L] = [C * Kh * Kw, win.Ho * win.Wo]
  const biased = 'param.bias' in values
  const b = biased ? values['param.bias'] : zeros([O], { dtype: 'float64' })
  const [X, G] = [unfold(x, win), dy.reshape([N, O, L])]
  const tensors = {
    x,
    y,
    dy,
    dx,
    w,
    dw,
    b,
    X,
    G,
    P: X,
    fold: fold(X, win),
    ...(biased ? { db: values.dbias } : {}),
  }
  const sizes = { ...win, eh: win.dh, ew: win.dw, N, C, O, Cg, Og: O / groups, groups }
  if (groups > 1) return { sizes, tensors }
  const M = w.reshape([O, R])
  const P = matmul(transposed(M), G)
  return { sizes, tensors: { ...tensors, M, dM: dw.reshape([O, R]), Y: matmul(M, X), P, fold: fold(P, win) } }
}
