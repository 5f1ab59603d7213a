import { allocate, type FloatArray } from '../dtype.ts'
import { formatShape } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { pack, TILE, tile } from './tile.ts'

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
  if (shape.length < 2)
    throw new RangeError(`matmul: ${formatShape(shape)} is not a matrix or a stack of them`)
  const [R, C] = shape.slice(-2)
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
    const coordinate = rest % full[axis]
    rest = (rest - coordinate) / full[axis]
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
  const panels = { a: new Float64Array(padded(A.rows) * A.cols), b: new Float64Array(B.rows * TILE) }
  let packed = -1
  for (let n = 0; n < count; n++) {
    const left = stackIndex(A.batch, batch, n)
    const right = stackIndex(B.batch, batch, n)
    if (left !== packed) packRows(A, left * A.rows * A.cols, panels.a)
    packed = left
    multiply(A, B, right * B.rows * B.cols, out.subarray(n * size, (n + 1) * size), panels)
  }
  return new Tensor(out, [...batch, A.rows, B.cols])
}

/** `rows` and as many more as fill the last tile. */
function padded(rows: number): number {
  return Math.ceil(rows / TILE) * TILE
}

/** A matrix by fours of rows: [M/4][K][TILE]. */
function packRows({ data, rows, cols, rs, cs }: Operand, from: number, panel: Float64Array): void {
  for (let r = 0; r < rows; r += TILE) {
    pack(data, from + r * rs, rs, cs, cols, Math.min(TILE, rows - r), panel, r * cols)
  }
}

/**
 * One M × K by K × P product: A's rows are packed, B's columns are packed by fours, and each pair of packs gives a tile
 * of sums that stay in registers.
 */
function multiply(
  { rows: M, cols: K }: Operand,
  B: Operand,
  from: number,
  out: FloatArray,
  panels: { a: Float64Array; b: Float64Array },
): void {
  const P = B.cols
  for (let c = 0; c < P; c += TILE) {
    const cols = Math.min(TILE, P - c)
    pack(B.data, from + c * B.cs, B.cs, B.rs, K, cols, panels.b, 0)
    for (let r = 0; r < M; r += TILE) {
      tile(panels.a, r * K, panels.b, K, out, r * P + c, P, Math.min(TILE, M - r), cols)
    }
  }
}
