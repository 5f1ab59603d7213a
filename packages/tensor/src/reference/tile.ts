// biome-ignore-all format: sixteen sums read best as a square.
import type { FloatArray } from '../dtype.ts'

/** The side of a tile: four rows by four columns of sums. */
export const TILE = 4

/**
 * Copies `lanes` (up to four) vectors of length K side by side into `panel` from `at`: [K][TILE], the rest 0.
 *
 * Doubles, so that the inner loop converts nothing; lane l, entry k is read from `from + l·lane + k·step`.
 */
export function pack(
  data: FloatArray, from: number, lane: number, step: number, K: number, lanes: number, panel: Float64Array, at: number,
): void {
  if (lanes === TILE) {
    for (let k = 0, i = from, p = at; k < K; k++, i += step, p += TILE) {
      panel[p] = data[i]!
      panel[p + 1] = data[i + lane]!
      panel[p + 2] = data[i + 2 * lane]!
      panel[p + 3] = data[i + 3 * lane]!
    }
    return
  }
  for (let k = 0; k < K; k++) {
    for (let l = 0; l < TILE; l++) panel[at + k * TILE + l] = l < lanes ? data[from + k * step + l * lane] : 0
  }
}

const sums = new Float64Array(TILE * TILE)

/**
 * The products of a packed panel of rows (`a` from `i`) with one of columns (`b`): `rows` × `cols` elements of `out`
 * from `at`, its rows P apart. Sums are doubles, rounded once when they are stored.
 */
export function tile(
  a: Float64Array, i: number, b: Float64Array, K: number, out: FloatArray, at: number, P: number, rows: number, cols: number,
): void {
  let s00 = 0, s01 = 0, s02 = 0, s03 = 0
  let s10 = 0, s11 = 0, s12 = 0, s13 = 0
  let s20 = 0, s21 = 0, s22 = 0, s23 = 0
  let s30 = 0, s31 = 0, s32 = 0, s33 = 0
  for (let j = 0; j < K * TILE; j += TILE, i += TILE) {
    const b0 = b[j], b1 = b[j + 1], b2 = b[j + 2], b3 = b[j + 3]
    let f = a[i]
    s00 += f * b0; s01 += f * b1; s02 += f * b2; s03 += f * b3
    f = a[i + 1]!
    s10 += f * b0; s11 += f * b1; s12 += f * b2; s13 += f * b3
    f = a[i + 2]!
    s20 += f * b0; s21 += f * b1; s22 += f * b2; s23 += f * b3
    f = a[i + 3]!
    s30 += f * b0; s31 += f * b1; s32 += f * b2; s33 += f * b3
  }
  if (rows === TILE && cols === TILE) {
    out[at] = s00; out[at + 1] = s01; out[at + 2] = s02; out[at + 3] = s03
    out[at += P] = s10; out[at + 1] = s11; out[at + 2] = s12; out[at + 3] = s13
    out[at += P] = s20; out[at + 1] = s21; out[at + 2] = s22; out[at + 3] = s23
    out[at += P] = s30; out[at + 1] = s31; out[at + 2] = s32; out[at + 3] = s33
    return
  }
  sums[0] = s00; sums[1] = s01; sums[2] = s02; sums[3] = s03
  sums[4] = s10; sums[5] = s11; sums[6] = s12; sums[7] = s13
  sums[8] = s20; sums[9] = s21; sums[10] = s22; sums[11] = s23
  sums[12] = s30; sums[13] = s31; sums[14] = s32; sums[15] = s33
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) out[at + r * P + c] = sums[r * TILE + c]!
  }
}
