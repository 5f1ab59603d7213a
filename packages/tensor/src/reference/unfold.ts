import { allocate, type FloatArray } from '../dtype.ts'
import { Tensor } from '../tensor.ts'
import { insideRange, type Window } from '../window.ts'

/**
 * The rows of cells that the window's taps read, three numbers each: where the row starts in the column matrix
 * [C·Kh·Kw, Ho·Wo], where in the image [C, H, W], and how many cells it has, `sw` apart in the image. Taps in the
 * padding have no row.
 */
function rowsOf(C: number, win: Window): Int32Array {
  const { H, W, Kh, Kw, sh, sw, ph, pw, dh, dw, Ho, Wo } = win
  const rows: number[] = []
  for (let c = 0; c < C; c++) {
    for (let i = 0; i < Kh; i++) {
      const [hFrom, hTo] = insideRange(H, Ho, sh, i * dh - ph)
      for (let j = 0; j < Kw; j++) {
        const [wFrom, wTo] = insideRange(W, Wo, sw, j * dw - pw)
        const tap = ((c * Kh + i) * Kw + j) * Ho * Wo
        for (let h = hFrom; h < hTo; h++) {
          const y = h * sh + i * dh - ph
          rows.push(tap + h * Wo + wFrom, (c * H + y) * W + wFrom * sw + j * dw - pw, wTo - wFrom)
        }
      }
    }
  }
  return Int32Array.from(rows)
}

/**
 * The columns of a sliding window: x [N, C, H, W] → [N, C·Kh·Kw, Ho·Wo], with `fill` where a tap is in the padding.
 *
 * X[n, (c·Kh + i)·Kw + j, h·Wo + w] = x[n, c, h·sh + i·dh − ph, w·sw + j·dw − pw], as `torch.nn.functional.unfold`.
 */
export function unfold(x: Tensor, win: Window, fill = 0): Tensor {
  const [N, C] = x.shape
  const size = C * win.Kh * win.Kw * win.Ho * win.Wo
  const data: FloatArray = allocate(x.dtype, N * size)
  if (fill !== 0 && readsPadding(win)) data.fill(fill)
  const rows = rowsOf(C, win)
  for (let n = 0; n < N; n++) readRows(x.data, n * C * win.H * win.W, data, n * size, rows, win.sw)
  return new Tensor(data, [N, C * win.Kh * win.Kw, win.Ho * win.Wo])
}

/** Whether any tap of any window lies in the padding. */
function readsPadding({ H, W, Kh, Kw, sh, sw, ph, pw, dh, dw, Ho, Wo }: Window): boolean {
  return ph > 0 || pw > 0 || (Ho - 1) * sh + (Kh - 1) * dh >= H || (Wo - 1) * sw + (Kw - 1) * dw >= W
}

function readRows(
  image: FloatArray,
  from: number,
  columns: FloatArray,
  at: number,
  rows: Int32Array,
  sw: number,
): void {
  for (let r = 0; r < rows.length; r += 3) {
    const to = at + rows[r]
    const end = to + rows[r + 2]
    for (let out = to, cell = from + rows[r + 1]; out < end; out++, cell += sw) columns[out] = image[cell]!
  }
}

/**
 * The transpose of {@link unfold}: X [N, C·Kh·Kw, Ho·Wo] → [N, C, H, W], each cell the sum of the columns' entries
 * that were read from it, as `torch.nn.functional.fold`. What was padding is dropped.
 */
export function fold(X: Tensor, win: Window): Tensor {
  const [N, R, L] = X.shape
  const C = R / (win.Kh * win.Kw)
  const data: FloatArray = allocate(X.dtype, N * C * win.H * win.W)
  const rows = rowsOf(C, win)
  const image = new Float64Array(C * win.H * win.W)
  for (let n = 0; n < N; n++) {
    image.fill(0)
    addRows(X.data, n * R * L, image, rows, win.sw)
    data.set(image, n * image.length)
  }
  return new Tensor(data, [N, C, win.H, win.W])
}

function addRows(columns: FloatArray, from: number, image: Float64Array, rows: Int32Array, sw: number): void {
  for (let r = 0; r < rows.length; r += 3) {
    const start = from + rows[r]
    const end = start + rows[r + 2]
    for (let entry = start, cell = rows[r + 1]; entry < end; entry++, cell += sw)
      image[cell] += columns[entry]
  }
}
