import { allocate, type FloatArray } from '../dtype.ts'
import { formatShape } from '../shape.ts'
import { Tensor } from '../tensor.ts'

/** A stack of matrices read with rows and columns exchanged, without moving them: see {@link transposed}. */
export interface Transposed {
  readonly transposed: Tensor
}

/** Aᵀ as an operand of {@link matmul}: the last two axes exchanged. */
export function transposed(a: Tensor): Transposed {
  return { transposed: a }
}

/** One operand: where each matrix of the stack starts is `batch * size`; element (r, c) is at `r·rs + c·cs`. */
interface Operand {
  data: FloatArray
  dtype: Tensor['dtype']
  batch: readonly number[]
  rows: number
  cols: number
  rs: number
  cs: number
}

function operand(a: Tensor | Transposed): Operand {
  const flip = 'transposed' in a
  const { data, dtype, shape } = flip ? a.transposed : a
  if (shape.length < 2) throw new RangeError(`matmul: ${formatShape(shape)} is not a matrix or a stack of them`)
  const [R, C] = shape.slice(-2) as [number, number]
  const batch = shape.slice(0, -2)
  return flip
    ? { data, dtype, batch, rows: C, cols: R, rs: 1, cs: C }
    : { data, dtype, batch, rows: R, cols: C, rs: C, cs: 1 }
}

/** The shape of both stacks together, where an extent of 1 or a missing axis repeats. */
function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const p = a[a.length - rank + i] ?? 1
    const q = b[b.length - rank + i] ?? 1
    if (p !== q && p !== 1 && q !== 1) {
      throw new RangeError(`matmul: stacks of ${formatShape(a)} and ${formatShape(b)} matrices do not match`)
    }
    return p === 1 ? q : p
  })
}

/** Which matrix of a stack of shape `batch` belongs to matrix `index` of the stack of shape `full`. */
function stackIndex(batch: readonly number[], full: readonly number[], index: number): number {
  let rest = index
  let position = 0
  let stride = 1
  for (let axis = full.length - 1; axis >= 0; axis--) {
    const coordinate = rest % full[axis]!
    rest = (rest - coordinate) / full[axis]!
    const extent = batch[batch.length - full.length + axis] ?? 1
    position += (extent === 1 ? 0 : coordinate) * stride
    stride *= extent
  }
  return position
}

/**
 * The product of two stacks of matrices: [… , M, K] @ [… , K, P] → [… , M, P], stacks repeated where an extent is 1.
 *
 * Sums are kept in double and rounded once per element.
 * @throws RangeError when the inner extents or the stacks differ.
 */
export function matmul(a: Tensor | Transposed, b: Tensor | Transposed): Tensor {
  const A = operand(a)
  const B = operand(b)
  if (A.cols !== B.rows || A.dtype !== B.dtype) {
    throw new RangeError(
      `matmul: ${A.dtype} [${A.rows},${A.cols}] @ ${B.dtype} [${B.rows},${B.cols}]: inner extents and dtypes must agree`,
    )
  }
  const batch = broadcast(A.batch, B.batch)
  const count = batch.reduce((product, extent) => product * extent, 1)
  const size = A.rows * B.cols
  const out: FloatArray = allocate(A.dtype, count * size)
  for (let n = 0; n < count; n++) {
    const aFrom = stackIndex(A.batch, batch, n) * A.rows * A.cols
    const bFrom = stackIndex(B.batch, batch, n) * B.rows * B.cols
    product(A, aFrom, B, bFrom, out, n * size)
  }
  return new Tensor(out, [...batch, A.rows, B.cols])
}

const TILE = 4

/** One M × K by K × P product, in tiles of 4 × 4 sums that stay in registers. */
function product(A: Operand, aFrom: number, B: Operand, bFrom: number, out: FloatArray, at: number): void {
  const M = A.rows
  const P = B.cols
  for (let r = 0; r < M; r += TILE) {
    for (let c = 0; c < P; c += TILE) {
      const aTile = aFrom + r * A.rs
      const bTile = bFrom + c * B.cs
      if (r + TILE <= M && c + TILE <= P) tile(A, aTile, B, bTile, out, at + r * P + c, P)
      else edge(A, aTile, B, bTile, out, at + r * P + c, Math.min(TILE, M - r), Math.min(TILE, P - c))
    }
  }
}

function edge(
  A: Operand,
  a0: number,
  B: Operand,
  b0: number,
  out: FloatArray,
  at: number,
  rows: number,
  cols: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      let sum = 0
      for (let k = 0; k < A.cols; k++) {
        sum += A.data[a0 + r * A.rs + k * A.cs]! * B.data[b0 + k * B.rs + c * B.cs]!
      }
      out[at + r * B.cols + c] = sum
    }
  }
}

function tile(A: Operand, a0: number, B: Operand, b0: number, out: FloatArray, at: number, P: number): void {
  const a = A.data
  const b = B.data
  const { rs, cs: aStep, cols: K } = A
  const { rs: bStep, cs } = B
  let s00 = 0, s01 = 0, s02 = 0, s03 = 0
  let s10 = 0, s11 = 0, s12 = 0, s13 = 0
  let s20 = 0, s21 = 0, s22 = 0, s23 = 0
  let s30 = 0, s31 = 0, s32 = 0, s33 = 0
  for (let k = 0, i = a0, j = b0; k < K; k++, i += aStep, j += bStep) {
    const b0 = b[j]!, b1 = b[j + cs]!, b2 = b[j + 2 * cs]!, b3 = b[j + 3 * cs]!
    const a0 = a[i]!
    s00 += a0 * b0; s01 += a0 * b1; s02 += a0 * b2; s03 += a0 * b3
    const a1 = a[i + rs]!
    s10 += a1 * b0; s11 += a1 * b1; s12 += a1 * b2; s13 += a1 * b3
    const a2 = a[i + 2 * rs]!
    s20 += a2 * b0; s21 += a2 * b1; s22 += a2 * b2; s23 += a2 * b3
    const a3 = a[i + 3 * rs]!
    s30 += a3 * b0; s31 += a3 * b1; s32 += a3 * b2; s33 += a3 * b3
  }
  out[at] = s00; out[at + 1] = s01; out[at + 2] = s02; out[at + 3] = s03
  out[at + P] = s10; out[at + P + 1] = s11; out[at + P + 2] = s12; out[at + P + 3] = s13
  out[at + 2 * P] = s20; out[at + 2 * P + 1] = s21; out[at + 2 * P + 2] = s22; out[at + 2 * P + 3] = s23
  out[at + 3 * P] = s30; out[at + 3 * P + 1] = s31; out[at + 3 * P + 2] = s32; out[at + 3 * P + 3] = s33
}
