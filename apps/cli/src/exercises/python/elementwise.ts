import type { ByName } from './in-python.ts'

/** What looks at each number alone, or only renames it. */
export const inPython: ByName = {
  'relu-dx': {
    solution: `dx = np.where(x > 0, dy, 0)
return {"dx": dx}`,
    mistakes: [
      ['x > 0', 'x >= 0'],
      ['x > 0', 'dy > 0'],
      ['dy, 0', 'x, 0'],
      ['np.where(x > 0, dy, 0)', 'dy.copy()'],
    ],
  },
  'flatten-dx': {
    solution: `N, C, H, W = x.shape
dx = dy.reshape(N, C, H, W)
return {"dx": dx}`,
    mistakes: [
      ['dy.reshape(N, C, H, W)', 'dy.reshape(N, H, W, C).transpose(0, 3, 1, 2)'],
      ['dy.reshape(N, C, H, W)', 'dy.reshape(N, C, W, H).transpose(0, 1, 3, 2)'],
      ['dy.reshape(N, C, H, W)', 'np.tile(dy[0], (N, 1)).reshape(N, C, H, W)'],
    ],
  },
  'dropout-dx': {
    solution: `dx = dy * mask / (1 - p)
return {"dx": dx}`,
    mistakes: [
      [' / (1 - p)', ''],
      ['(1 - p)', 'p'],
      [' * mask', ''],
    ],
  },
}
