import type { Binding, Derivation, ModuleCase } from '@handgrad/gradcheck'
import {
  argmaxTaps,
  fold,
  type Pair,
  resolveWindow,
  scatterTaps,
  type Tensor,
  tensor,
  unfold,
} from '@handgrad/tensor'

const row = 'floor(l/Wo)*sh + floor(r/Kw)*eh - ph'
const column = 'mod(l, Wo)*sw + mod(r, Kw)*ew - pw'
const winnerRow = 'floor(l/Wo)*sh + floor(t[n,c,l]/Kw)*eh - ph'
const winnerColumn = 'mod(l, Wo)*sw + mod(t[n,c,l], Kw)*ew - pw'

/** From the maximum over each window of {@link MaxPool2d} to the gradient that goes to the argmax alone. */
export const derivation: Derivation<ModuleCase> = {
  symbols: {
    x: 'input [N,C,H,W]',
    X: 'the taps of each window, −∞ in the padding [N,C,Kh·Kw,Ho·Wo]',
    t: 'which tap of each window holds the maximum [N,C,Ho·Wo]',
    y: 'output, one axis of positions [N,C,Ho·Wo]',
    dy: 'gradient of the loss with respect to the output [N,C,Ho·Wo]',
    dx: 'gradient with respect to the input [N,C,H,W]',
    P: 'the gradient of the taps as columns [N,C·Kh·Kw,Ho·Wo]',
    scatter: 'puts each entry at the tap of its window that won, and 0 at the others [N,C·Kh·Kw,Ho·Wo]',
    fold: 'adds each entry of the columns to the cell of the image that it was read from [N,C,H,W]',
  },
  tex: { X: 'X_{\\mathrm{unf}}', eh: '\\delta_{\\mathrm{h}}', ew: '\\delta_{\\mathrm{w}}' },
  // biome-ignore format: the sizes of one tensor a line
  indices: {
    n: 'N', m: 'N', c: 'C', q: 'C', a: 'H', e: 'W',
    r: 'Kh*Kw', i: 'Kh', j: 'Kw', l: 'Ho*Wo', h: 'Ho', v: 'Wo',
    u: 'C*Kh*Kw',
  },
  golden: { y: 'y', dx: 'dx' },
  steps: [
    {
      id: 'unfold',
      equation: `X[n,c,r,l] = (0 <= ${row} < H and 0 <= ${column} < W) ? x[n, c, ${row}, ${column}] : -Infinity`,
      because:
        'Write the window at each position l = h·Wo + v as a column of taps r = i·Kw + j; what lies in the padding is −∞, so that it never wins.',
    },
    {
      id: 'forward',
      equation: 'y[n,c,l] = max(X[n,c,r,l], r)',
      because: 'Max-pooling keeps the largest tap of each window.',
    },
    {
      id: 'argmax',
      equation: 't[n,c,l] = argmax(X[n,c,r,l], r)',
      because:
        'Remember which tap it was; of equal ones the first, in row-major order of the window, as torch does.',
    },
    {
      id: 'forward-argmax',
      equation: 'y[n,c,l] = X[n, c, t[n,c,l], l]',
      because: 'The output is a copy of one cell of the input.',
    },
    {
      id: 'dx-chain',
      equation: 'dx[n,c,a,e] = sum(dy[m,q,l] * diff(y[m,q,l], x[n,c,a,e]), m, q, l)',
      because: 'The chain rule: a cell may be in several windows.',
    },
    {
      id: 'dx-local',
      equation: `diff(y[m,q,l], x[n,c,a,e]) = (m == n) * (q == c) * (${winnerRow} == a) * (${winnerColumn} == e)`,
      because:
        'A maximum changes as its largest term does: slope 1 for the cell that won, 0 for the others. Where two tie there is no slope, and the first takes all of it.',
    },
    {
      id: 'dx',
      equation: `dx[n,c,a,e] = sum(dy[n,c,l] * (${winnerRow} == a) * (${winnerColumn} == e), l)`,
      because: 'Put it in: each cell gathers the gradients of the windows that it won.',
    },
    {
      id: 'scatter',
      equation:
        'scatter(dy)[n,u,l] = dy[n, floor(u/(Kh*Kw)), l] * (t[n, floor(u/(Kh*Kw)), l] == mod(u, Kh*Kw))',
      because: 'As columns: each gradient goes to the row of its window that won.',
    },
    {
      id: 'fold',
      equation:
        'fold(P)[n,c,a,e] = sum(P[n, (c*Kh + i)*Kw + j, h*Wo + v] * (h*sh + i*eh - ph == a) * (v*sw + j*ew - pw == e), i, j, h, v)',
      because: 'The transpose of unfold adds each column entry back to the cell that it came from.',
    },
    {
      id: 'dx-matrix',
      equation: 'dx = fold(scatter(dy))',
      because: 'Scatter to the argmax, then fold.',
      form: 'matrix',
    },
  ],
  bind,
}

const batched = (t: Tensor): Tensor => (t.shape.length === 4 ? t : t.reshape([1, ...t.shape]))

function bind({ options = {}, args = [] }: ModuleCase, values: Readonly<Record<string, Tensor>>): Binding {
  const kernelSize = args[0] as Pair
  const [x, dx] = [values.x, values.dx].map(batched)
  const [N, C, H, W] = x.shape
  const win = resolveWindow(H, W, { stride: kernelSize, ...(options as object), kernelSize })
  const [K, L] = [win.Kh * win.Kw, win.Ho * win.Wo]
  const [y, dy] = [values.y, values.dy].map((t) => t.reshape([N, C, L]))
  const X = unfold(x, win, -Infinity).reshape([N, C, K, L])
  const taps = argmaxTaps(X, win)
  const P = scatterTaps(dy, taps, K).reshape([N, C * K, L])
  // A window that lies in the padding altogether has no winner; −∞ wins at its first tap, which is no cell.
  const t = tensor(
    Float64Array.from(taps.data, (tap) => (tap < K ? tap : 0)),
    [N, C, L],
  )
  return {
    sizes: { ...win, eh: win.dh, ew: win.dw, N, C },
    tensors: { x, dx, y, dy, X, t, P, scatter: P, fold: fold(P, win) },
  }
}
