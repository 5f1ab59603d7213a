// biome-ignore-all format: eight sums read best side by side.
import type { FloatArray } from '../dtype.ts'

/** A matrix where it lies: element (r, c) is `data[from + r·rs + c·cs]`. */
export interface Matrix {
  readonly data: FloatArray
  readonly from: number
  readonly rows: number
  readonly cols: number
  readonly rs: number
  readonly cs: number
}

/** The same elements with rows and columns exchanged. */
export function flipped({ data, from, rows, cols, rs, cs }: Matrix): Matrix {
  return { data, from, rows: cols, cols: rows, rs: cs, cs: rs }
}

/** `rows` × `cols` elements (or as many as are left) from (r, c) on. */
function part({ data, from, rows, cols, rs, cs }: Matrix, r: number, c: number, height: number, width: number): Matrix {
  return { data, from: from + r * rs + c * cs, rows: Math.min(height, rows - r), cols: Math.min(width, cols - c), rs, cs }
}

/** How many columns are summed at once. */
export const WIDTH = 8
/** Longer sums are added up in parts, of so many terms. */
export const DEPTH = 512
/** How many entries of rows are listed at a time. */
const ENTRIES = 1 << 14

// Constants of the module and not arguments: V8 then knows their addresses and lengths, which makes the inner loop a third faster.
const panel = new Float64Array(DEPTH * WIDTH)
const sums = new Float64Array(WIDTH)
// One more than there are entries: the next free place is written before it is known whether it is kept.
const values = new Float64Array(ENTRIES + 1)
const places = new Uint16Array(ENTRIES + 1)
const starts = new Int32Array(ENTRIES + 1)

/**
 * out += A @ B, each sum in double, stored once per {@link DEPTH} terms.
 *
 * Rows of A become lists of their entries that are not 0 (nine of ten gradients are, before a ReLU and a maximum). Columns
 * of B go {@link WIDTH} side by side into a panel, so that each entry of a list meets a row of it.
 */
export function addProduct(A: Matrix, B: Matrix, out: Matrix): void {
  for (let k = 0; k < A.cols; k += DEPTH) {
    const height = Math.floor(ENTRIES / Math.min(DEPTH, A.cols - k))
    for (let r = 0; r < A.rows; r += height) {
      addBlock(part(A, r, k, height, DEPTH), part(B, k, 0, DEPTH, B.cols), part(out, r, 0, height, out.cols))
    }
  }
}

function addBlock(A: Matrix, B: Matrix, out: Matrix): void {
  let complete = listRows(A, false)
  for (let c = 0; c < B.cols; c += WIDTH) {
    const columns = part(B, 0, c, B.rows, WIDTH)
    const finite = pack(columns)
    // A 0 adds nothing, but 0 · ∞ and 0 · NaN are NaN: then none may be left out.
    if (!complete && !finite) complete = listRows(A, true)
    for (let r = 0; r < A.rows; r++) {
      if (starts[r] < starts[r + 1]) addRow(r, out.data, out.from + r * out.rs + c * out.cs, out.cs, columns.cols)
    }
  }
}

/** Lists the rows' entries, the zeros too if `all`; true when none is left out. */
function listRows({ data, from, rows, cols, rs, cs }: Matrix, all: boolean): boolean {
  // Nothing equals NaN.
  const omitted = all ? NaN : 0
  let n = 0
  for (let r = 0; r < rows; r++) {
    starts[r] = n
    for (let k = 0, i = from + r * rs; k < cols; k++, i += cs) {
      const value = data[i]
      values[n] = value
      places[n] = k
      // A sum and no branch, which would be guessed wrong again and again.
      n += Number(value !== omitted)
    }
  }
  starts[rows] = n
  return n === rows * cols
}

/**
 * Copies up to {@link WIDTH} columns into the panel, side by side, the rest 0. False where an element is not finite, or
 * where they are so large that their sum is not.
 */
function pack({ data, from, rows, cols, rs, cs }: Matrix): boolean {
  let total = 0
  if (cols === WIDTH) {
    for (let k = 0, i = from, p = 0; k < rows; k++, i += rs, p += WIDTH) {
      const v0 = data[i], v1 = data[i + cs], v2 = data[i + 2 * cs], v3 = data[i + 3 * cs]
      const v4 = data[i + 4 * cs], v5 = data[i + 5 * cs], v6 = data[i + 6 * cs], v7 = data[i + 7 * cs]
      panel[p] = v0; panel[p + 1] = v1; panel[p + 2] = v2; panel[p + 3] = v3
      panel[p + 4] = v4; panel[p + 5] = v5; panel[p + 6] = v6; panel[p + 7] = v7
      total += v0 + v1 + v2 + v3 + (v4 + v5 + v6 + v7)
    }
    return Number.isFinite(total)
  }
  for (let k = 0; k < rows; k++) {
    for (let c = 0; c < WIDTH; c++) {
      const value = c < cols ? data[from + k * rs + c * cs] : 0
      panel[k * WIDTH + c] = value
      total += value
    }
  }
  return Number.isFinite(total)
}

/** Adds a row's entries times the panel to `cols` (up to {@link WIDTH}) elements of `out`, from `at` on, `cs` apart. */
function addRow(r: number, out: FloatArray, at: number, cs: number, cols: number): void {
  let s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0
  for (let n = starts[r], end = starts[r + 1]; n < end; n++) {
    const f = values[n]
    const j = places[n] * WIDTH
    s0 += f * panel[j]; s1 += f * panel[j + 1]; s2 += f * panel[j + 2]; s3 += f * panel[j + 3]
    s4 += f * panel[j + 4]; s5 += f * panel[j + 5]; s6 += f * panel[j + 6]; s7 += f * panel[j + 7]
  }
  if (cols === WIDTH) {
    out[at] += s0; out[at += cs] += s1; out[at += cs] += s2; out[at += cs] += s3
    out[at += cs] += s4; out[at += cs] += s5; out[at += cs] += s6; out[at += cs] += s7
    return
  }
  sums[0] = s0; sums[1] = s1; sums[2] = s2; sums[3] = s3; sums[4] = s4; sums[5] = s5; sums[6] = s6; sums[7] = s7
  for (let c = 0; c < cols; c++, at += cs) out[at] += sums[c]
}
