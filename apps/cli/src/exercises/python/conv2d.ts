import type { ByName } from './in-python.ts'

const whole = ['s', 'p']

const dw = `K, J = w.shape
padded = np.pad(x, p)
dw = np.zeros_like(w)
for h, v in np.ndindex(dy.shape):
    dw += dy[h, v] * padded[h * s : h * s + K, v * s : v * s + J]
return {"dw": dw}`

const dx = `K, J = w.shape
H, W = x.shape
padded = np.zeros((H + 2 * p, W + 2 * p))
for h, v in np.ndindex(dy.shape):
    padded[h * s : h * s + K, v * s : v * s + J] += dy[h, v] * w
dx = padded[p : p + H, p : p + W]
return {"dx": dx}`

const notTurned = ['dy[h, v] * w', 'dy[h, v] * w[::-1, ::-1]'] as const
const overwrites = ['] +=', '] ='] as const
const noPadding = ['padded[p : p + H, p : p + W]', 'padded[:H, :W]'] as const
const noStride = ['h * s : h * s + K, v * s : v * s + J', 'h : h + K, v : v + J'] as const
const strideOfRows = ['v * s : v * s + J', 'v : v + J'] as const

/** A convolution of one channel, from the bias to dx with stride and padding. */
export const inPython: ByName = {
  'conv2d-forward': {
    whole,
    solution: `K, J = w.shape
H, W = x.shape
y = np.empty((H - K + 1, W - J + 1))
for h, v in np.ndindex(y.shape):
    y[h, v] = (w * x[h : h + K, v : v + J]).sum() + b[0]
return {"y": y}`,
    mistakes: [
      ['(w * ', '(w[::-1, ::-1] * '],
      [' + b[0]', ''],
      ['H - K + 1', 'H - K'],
    ],
  },
  'conv2d-db': {
    whole,
    solution: `db = np.array([dy.sum()])
return {"db": db}`,
    mistakes: [
      ['dy.sum()', 'dy.mean()'],
      ['dy.sum()', 'dy[-1, -1]'],
    ],
  },
  'conv2d-dw': {
    whole,
    solution: dw,
    mistakes: [
      ['v * s : v * s + J]', 'v * s : v * s + J][::-1, ::-1]'],
      ['dw +=', 'dw ='],
      ['dy[h, v] *', 'dy[h, v] / dy.size *'],
    ],
  },
  'conv2d-dx': { whole, solution: dx, mistakes: [notTurned, overwrites] },
  'conv2d-dx-padding': { whole, solution: dx, mistakes: [noPadding, notTurned, overwrites] },
  'conv2d-dx-stride': { whole, solution: dx, mistakes: [noStride, strideOfRows, noPadding, notTurned] },
  'conv2d-dw-stride': {
    whole,
    solution: dw,
    mistakes: [noStride, strideOfRows, ['np.pad(x, p)', 'np.pad(x, (0, 2 * p))']],
  },
}
