import type { ByName } from './in-python.ts'

/** The three gradients of a linear layer. */
export const inPython: ByName = {
  'linear-db': {
    solution: `db = dy.sum(axis=0)
return {"db": db}`,
    mistakes: [
      ['dy.sum(axis=0)', 'dy.mean(axis=0)'],
      ['dy.sum(axis=0)', 'dy[-1]'],
      ['dy.sum(axis=0)', 'dy[1:].sum(axis=0)'],
    ],
  },
  'linear-dw': {
    solution: `dw = dy.T @ x
return {"dw": dw}`,
    mistakes: [
      ['dy.T @ x', 'dy.T @ x / len(x)'],
      ['dy.T @ x', 'np.outer(dy[-1], x[-1])'],
      ['dy.T @ x', 'x.T @ dy'],
    ],
  },
  'linear-dx': {
    solution: `dx = dy @ w
return {"dx": dx}`,
    mistakes: [
      ['dy @ w', 'dy @ (w + b[:, None])'],
      ['dy @ w', 'np.outer(dy[:, -1], w[-1])'],
      ['dy @ w', 'np.tile(dy[0] @ w, (len(x), 1))'],
    ],
  },
}
