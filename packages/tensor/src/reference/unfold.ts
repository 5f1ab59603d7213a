import { allocate, type FloatArray } from '../dtype.ts'
import { Tensor } from '../tensor.ts'
import { insideRange, type Window } from '../window.ts'

/**
 * Calls `run` for every row of cells that one tap of the window reads: `count` cells from `at` in the column matrix
 * [C·Kh·Kw, Ho·Wo] and from `from` in the image [C, H, W], the latter `sw` apart. Cells in the padding have no row.
 */
function forEachRow(C: number, win: Window, run: (at: number, from: number, count: number) => void): void {
  const { H, W, Kh, Kw, sh, sw, ph, pw, dh, dw, Ho, Wo } = win
  for (let c = 0; c < C; c++) {
    for (let i = 0; i < Kh; i++) {
      const [hFrom, hTo] = insideRange(H, Ho, sh, i * dh - ph)
      for (let j = 0; j < Kw; j++) {
        const [wFrom, wTo] = insideRange(W, Wo, sw, j * dw - pw)
        if (wTo === wFrom) continue
        const row = ((c * Kh + i) * Kw + j) * Ho * Wo
        for (let h = hFrom; h < hTo; h++) {
          const y = h * sh + i * dh - ph
          run(row + h * Wo + wFrom, (c * H + y) * W + wFrom * sw + j * dw - pw, wTo - wFrom)
        }
      }
    }
  }
}

/**
 * The columns of a sliding window: x [N, C, H, W] → [N, C·Kh·Kw, Ho·Wo], with `fill` where a tap is in the padding.
 *
 * X[n, (c·Kh + i)·Kw + j, h·Wo + w] = x[n, c, h·sh + i·dh − ph, w·sw + j·dw − pw], as `torch.nn.functional.unfold`.
 */
export function unfold(x: Tensor, win: Window, fill = 0): Tensor {
  const [N, C] = x.shape as [number, number, number, number]
  const rows = C * win.Kh * win.Kw
  const L = win.Ho * win.Wo
  const data: FloatArray = allocate(x.dtype, N * rows * L)
  if (fill !== 0) data.fill(fill)
  const source = x.data
  for (let n = 0; n < N; n++) {
    const out = n * rows * L
    const image = n * C * win.H * win.W
    forEachRow(C, win, (at, from, count) => {
      for (let k = 0; k < count; k++) data[out + at + k] = source[image + from + k * win.sw]!
    })
  }
  return new Tensor(data, [N, rows, L])
}

/**
 * The transpose of {@link unfold}: X [N, C·Kh·Kw, Ho·Wo] → [N, C, H, W], each cell the sum of the columns' entries
 * that were read from it, as `torch.nn.functional.fold`. What was padding is dropped.
 */
export function fold(X: Tensor, win: Window): Tensor {
  const [N, rows, L] = X.shape as [number, number, number]
  const C = rows / (win.Kh * win.Kw)
  const cells = C * win.H * win.W
  const data: FloatArray = allocate(X.dtype, N * cells)
  const image = new Float64Array(cells)
  const source = X.data
  for (let n = 0; n < N; n++) {
    const columns = n * rows * L
    image.fill(0)
    forEachRow(C, win, (at, from, count) => {
      for (let k = 0; k < count; k++) image[from + k * win.sw]! += source[columns + at + k]!
    })
    data.set(image, n * cells)
  }
  return new Tensor(data, [N, C, win.H, win.W])
}
