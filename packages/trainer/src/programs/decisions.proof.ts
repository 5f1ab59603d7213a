import { UNIT } from '@handgrad/gradcheck'
import type { MaxPool2d } from '@handgrad/layers'
import { resolveWindow, type Tensor, zeros } from '@handgrad/tensor'

/** So many deviations are allowed, here and in the end. */
export const FACTOR = 4

/** Calls `visit` with the cells of each window, row by row, as places in x [N,C,H,W], and with the place of its output. */
function eachWindow(
  pool: MaxPool2d,
  x: Tensor,
  visit: (cells: readonly number[], output: number) => void,
): void {
  const [H, W] = x.shape.slice(-2)
  const win = resolveWindow(H, W, pool)
  const cells: number[] = []
  let output = 0
  for (let first = 0; first < x.data.length; first += H * W) {
    for (let at = 0; at < win.Ho * win.Wo; at++, output++) {
      const [top, left] = [Math.floor(at / win.Wo) * win.sh - win.ph, (at % win.Wo) * win.sw - win.pw]
      cells.length = 0
      for (let i = 0; i < win.Kh; i++) {
        const a = top + i * win.dh
        if (a < 0 || a >= H) continue
        for (let j = 0; j < win.Kw; j++) {
          const b = left + j * win.dw
          if (b >= 0 && b < W) cells.push(first + a * W + b)
        }
      }
      visit(cells, output)
    }
  }
}

/** The cell with the largest value, the first of several. */
function winner(cells: readonly number[], { data }: Tensor): number {
  return cells.reduce((best, cell) => (data[cell] > data[best] ? cell : best))
}

/**
 * The cells that float32 may take for the largest: those that are as near as their errors allow, and those of which nobody
 * knows, because they are made of infinities.
 */
function close(cells: readonly number[], x: Tensor, error: Tensor): number[] {
  const best = winner(cells, x)
  const floor = x.data[best] - FACTOR * error.data[best]
  return cells.filter((cell) => !(x.data[cell] + FACTOR * error.data[cell] < floor))
}

/** The error of each maximum: the largest of those that may be it. */
export function topOfMaximum(pool: MaxPool2d, x: Tensor, error: Tensor): Tensor {
  const top: Tensor = zeros(pool.outputShape(x.shape), { dtype: 'float64' })
  eachWindow(pool, x, (cells, output) => {
    if (cells.length === 0) return
    top.data[output] = Math.max(...close(cells, x, error).map((cell) => error.data[cell]))
  })
  return top
}

/**
 * Whether values that are equal in float64 are sums of the same terms, and equal in float32 too. Weights that are equal to
 * one another make the same sum of other terms.
 */
export type Ties = 'stay' | 'move'

/**
 * The error of the input's gradient: where several cells may be the largest, each may get all or nothing. Where ties stay,
 * the first of equal ones wins.
 */
export function spreadOfMaximum(
  pool: MaxPool2d,
  x: Tensor,
  xError: Tensor,
  dy: Tensor,
  error: Tensor,
  ties: Ties,
): Tensor {
  const spread: Tensor = zeros(x.shape, { dtype: 'float64' })
  eachWindow(pool, x, (cells, output) => {
    if (cells.length === 0) return
    const best = winner(cells, x)
    const near = close(cells, x, xError)
    const decided = near.every(
      (cell) => x.data[cell] === x.data[best] && (ties === 'stay' || xError.data[cell] === 0),
    )
    const size = Math.abs(dy.data[output])
    // Windows overlap: what a cell gets is a sum.
    if (decided) spread.data[best] += error.data[output] + UNIT.float32 * size
    else for (const cell of near) spread.data[cell] += error.data[output] + size
  })
  return spread
}
