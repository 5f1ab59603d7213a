import type { ByName } from './in-python.ts'

const whole = ['K', 's']

const solution = `dx = np.zeros_like(x)
for h, v in np.ndindex(dy.shape):
    window = x[h * s : h * s + K, v * s : v * s + K]
    i, j = np.unravel_index(window.argmax(), window.shape)
    dx[h * s + i, v * s + j] += dy[h, v]
return {"dx": dx}`

const pay = 'dx[h * s + i, v * s + j] += dy[h, v]'
const lastWins = [
  'np.unravel_index(window.argmax(), window.shape)',
  'np.argwhere(window == window.max())[-1]',
] as const
const everyTie = [
  pay,
  'dx[h * s : h * s + K, v * s : v * s + K] += dy[h, v] * (window == window.max())',
] as const

/** Who is paid by a maximum. */
export const inPython: ByName = {
  'max-pool-dx': {
    whole,
    solution,
    mistakes: [lastWins, everyTie, [pay, 'dx[h * s : h * s + K, v * s : v * s + K] += dy[h, v]']],
  },
  'max-pool-dx-overlap': {
    whole,
    solution,
    mistakes: [[pay, 'dx[h * s + i, v * s + j] = dy[h, v]'], lastWins, everyTie],
  },
}
