import { MaxPool2d } from '@handgrad/layers'
import { resolveWindow, type Tensor, type Window } from '@handgrad/tensor'
import { type Explainer, type Grid, named, type Place, type Term, valueAt } from '../explainer.ts'

const windowOf = (layer: MaxPool2d, { shape }: Tensor): Window => resolveWindow(shape[2], shape[3], layer)

/** The cells of a window, row by row; null for those outside of the image. */
function cellsOf({ H, W, Kh, Kw, sh, sw, ph, pw, dh, dw }: Window, [c, h, w]: Place): (Place | null)[][] {
  return Array.from({ length: Kh }, (_, i) =>
    Array.from({ length: Kw }, (__, j) => {
      const [row, column] = [h * sh + i * dh - ph, w * sw + j * dw - pw]
      return row < 0 || row >= H || column < 0 || column >= W ? null : [c, row, column]
    }),
  )
}

/** The largest cell of a window, the first of several. */
function winnerOf(win: Window, x: Tensor, at: Place): Place {
  const cells = cellsOf(win, at)
    .flat()
    .filter((cell) => cell !== null)
  return cells.reduce((most, cell) => (valueAt(x, cell) > valueAt(x, most) ? cell : most))
}

/** The windows that the cell is in, of which it is the largest. */
function wonBy(win: Window, x: Tensor, cell: Place): Place[] {
  const [c, ...own] = cell
  const all = Array.from({ length: win.Ho * win.Wo }, (_, i) => [c, Math.floor(i / win.Wo), i % win.Wo])
  return all.filter((at) => {
    const winner = winnerOf(win, x, at)
    return own.every((index, axis) => winner[axis + 1] === index)
  })
}

/** The largest of a window; it alone has the gradient. */
export const explainer: Explainer<MaxPool2d> = {
  of: MaxPool2d,
  forward(layer, { x, y }, at) {
    const win = windowOf(layer, x)
    const from = winnerOf(win, x, at)
    const rows = cellsOf(win, at).map((row) => row.map((cell) => (cell === null ? null : valueAt(x, cell))))
    const first = cellsOf(win, at)
      .flat()
      .find((cell) => cell !== null)!
    const grid: Grid = { title: `its window, from ${named('x', first)} on`, rows }
    const terms: Term[] = [{ name: `max of the window, ${named('x', from)}`, value: valueAt(x, from) }]
    return { forward: [{ name: named('y', at), value: valueAt(y, at), grids: [grid], terms }], from }
  },
  backward(layer, { x, dx, dy }, _, from) {
    const terms = wonBy(windowOf(layer, x), x, from).map((at) => ({
      name: named('dy', at),
      value: valueAt(dy, at),
    }))
    return [
      {
        name: named('dx', from),
        value: valueAt(dx, from),
        terms,
        rule: 'the winner has the gradient of its window, the others have none',
      },
    ]
  },
}
