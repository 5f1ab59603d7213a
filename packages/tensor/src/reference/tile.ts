// biome-ignore-all format: six sums read best as a table.
import type { FloatArray } from '../dtype.ts'

/**
 * A tile has so many rows and columns of sums. More of them would share each load among more products, but six sums,
 * what they are made of and V8's temporaries are all that 16 registers hold: 2 × 3 is 1.4 times as fast as 4 × 4.
 */
export const ROWS = 2
export const COLS = 3

/**
 * Copies `lanes` (up to `width`) vectors of length K side by side into `panel` from `at`: [K][width], the rest 0.
 *
 * Doubles, so that the inner loop converts nothing; lane l, entry k is read from `from + l·lane + k·step`.
 */
export function pack(
  data: FloatArray, from: number, lane: number, step: number, K: number, lanes: number, panel: Float64Array, at: number, width: number,
): void {
  for (let l = 0; l < width; l++) {
    if (l < lanes) for (let k = 0, i = from + l * lane, p = at + l; k < K; k++, i += step, p += width) panel[p] = data[i]!
    else for (let k = 0, p = at + l; k < K; k++, p += width) panel[p] = 0
  }
}

const sums = new Float64Array(ROWS * COLS)

/**
 * The products of a packed panel of rows (`a` from `i`) with one of columns (`b`): `rows` × `cols` elements of `out`
 * from `at`, its rows P apart. Sums are doubles, rounded once when they are stored.
 */
export function tile(
  a: Float64Array, i: number, b: Float64Array, K: number, out: FloatArray, at: number, P: number, rows: number, cols: number,
): void {
  let s00 = 0, s01 = 0, s02 = 0
  let s10 = 0, s11 = 0, s12 = 0
  for (let j = 0; j < K * COLS; j += COLS, i += ROWS) {
    const b0 = b[j], b1 = b[j + 1], b2 = b[j + 2]
    const a0 = a[i], a1 = a[i + 1]
    s00 += a0 * b0; s01 += a0 * b1; s02 += a0 * b2
    s10 += a1 * b0; s11 += a1 * b1; s12 += a1 * b2
  }
  if (rows === ROWS && cols === COLS) {
    out[at] = s00; out[at + 1] = s01; out[at + 2] = s02
    out[at += P] = s10; out[at + 1] = s11; out[at + 2] = s12
    return
  }
  sums[0] = s00; sums[1] = s01; sums[2] = s02
  sums[3] = s10; sums[4] = s11; sums[5] = s12
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) out[at + r * P + c] = sums[r * COLS + c]!
  }
}
