import type { Derivation, ModuleCase } from '@handgrad/gradcheck'
import { numel } from '@handgrad/tensor'

/** {@link Flatten} renames indices, and so does its gradient. */
export const derivation: Derivation<ModuleCase> = {
  symbols: {
    x: 'input [A,P,Q,B]: A the axes before the joined ones, P the first of these, Q the others, B the axes after',
    y: 'output [A,P·Q,B]',
    dy: 'gradient of the loss with respect to the output [A,P·Q,B]',
    dx: 'gradient with respect to the input [A,P,Q,B]',
  },
  indices: { a: 'A', g: 'A', p: 'P', q: 'Q', m: 'P*Q', b: 'B', f: 'B' },
  golden: { y: 'y', dx: 'dx' },
  steps: [
    {
      id: 'forward',
      equation: 'y[a,m,b] = x[a, floor(m/Q), mod(m, Q), b]',
      because: 'Row-major order: the joined index is m = p·Q + q.',
    },
    {
      id: 'dx-chain',
      equation: 'dx[a,p,q,b] = sum(dy[g,m,f] * diff(y[g,m,f], x[a,p,q,b]), g, m, f)',
      because: 'The chain rule over all elements of the output.',
    },
    {
      id: 'dx-local',
      equation: 'diff(y[g,m,f], x[a,p,q,b]) = (g == a) * (m == p*Q + q) * (f == b)',
      because: 'An output element is one input element, and no other.',
    },
    {
      id: 'dx',
      equation: 'dx[a,p,q,b] = dy[a, p*Q + q, b]',
      because: 'Of the sum one term is left: the gradient goes back into the old shape.',
    },
  ],
  bind({ options = {} }, values) {
    const { startDim = 1, endDim = -1 } = options as { startDim?: number; endDim?: number }
    const { shape } = values.x
    const [start, end] = [startDim, endDim].map((axis) =>
      axis < 0 ? axis + Math.max(1, shape.length) : axis,
    )
    const sizes = {
      A: numel(shape.slice(0, start)),
      P: shape[start] ?? 1,
      Q: numel(shape.slice(start + 1, end + 1)),
      B: numel(shape.slice(end + 1)),
    }
    const { A, P, Q, B } = sizes
    const [x, dx] = [values.x, values.dx].map((t) => t.reshape([A, P, Q, B]))
    const [y, dy] = [values.y, values.dy].map((t) => t.reshape([A, P * Q, B]))
    return { sizes, tensors: { x, dx, y, dy } }
  },
}
