import { allocate, dtypeOf, type FloatArray } from '../dtype.ts'
import { formatShape, numel } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { addProduct, DEPTH, flipped, type Matrix, WIDTH } from './product.ts'

/** A stack of matrices read with rows and columns exchanged, without moving them: see {@link transposed}. */
export interface Transposed {
  readonly transposed: Tensor
}

/** Aᵀ as an operand of {@link matmul}: the last two axes exchanged. */
export function transposed(a: Tensor): Transposed {
  return { transposed: a }
}

/** One operand: a stack of matrices that lie one after the other, and the first of them. */
interface Operand {
  dtype: Tensor['dtype']
  batch: readonly number[]
  first: Matrix
}

function operand(a: Tensor | Transposed): Operand {
  const { data, dtype, shape } = 'transposed' in a ? a.transposed : a
  if (shape.length < 2)
    throw new RangeError(`matmul: ${formatShape(shape)} is not a matrix or a stack of them`)
  const [rows, cols] = shape.slice(-2)
  const first = { data, from: 0, rows, cols, rs: cols, cs: 1 }
  return { dtype, batch: shape.slice(0, -2), first: 'transposed' in a ? flipped(first) : first }
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
  const { rows: M, cols: K } = A.first
  const { rows, cols: P } = B.first
  if (K !== rows || A.dtype !== B.dtype) {
    throw new RangeError(
      `matmul: ${A.dtype} [${M},${K}] @ ${B.dtype} [${rows},${P}]: inner extents and dtypes must agree`,
    )
  }
  const batch = broadcast(A.batch, B.batch)
  const count = numel(batch)
  const sums: FloatArray = allocate(K > DEPTH ? 'float64' : A.dtype, count * M * P)
  // A @ B or (Bᵀ @ Aᵀ)ᵀ, whichever is less work.
  const swap = work(B.first.data, P, K, M) < work(A.first.data, M, K, P)
  for (let n = 0; n < count; n++) {
    const X = matrix(A, stackIndex(A.batch, batch, n))
    const Y = matrix(B, stackIndex(B.batch, batch, n))
    const out = { data: sums, from: n * M * P, rows: M, cols: P, rs: P, cs: 1 }
    if (swap) addProduct(flipped(Y), flipped(X), flipped(out))
    else addProduct(X, Y, out)
  }
  return new Tensor(rounded(sums, A.dtype), [...batch, M, P])
}

function matrix({ first }: Operand, index: number): Matrix {
  return { ...first, from: index * first.rows * first.cols }
}

/** About how long it takes to multiply `rows` lists of the entries in `data` that are not 0 with `cols` columns. */
function work(data: FloatArray, rows: number, K: number, cols: number): number {
  return rows * (K * density(data) + 4) * Math.ceil(cols / WIDTH)
}

/** The share of elements that are not 0, from a sample. */
function density(data: FloatArray): number {
  const step = Math.floor(data.length / 512) | 1
  let [seen, full] = [0, 0]
  for (let i = 0; i < data.length; i += step) {
    seen++
    full += Number(data[i] !== 0)
  }
  return full / Math.max(1, seen)
}

function rounded(sums: FloatArray, dtype: Tensor['dtype']): FloatArray {
  if (dtypeOf(sums) === dtype) return sums
  const data = allocate(dtype, sums.length)
  data.set(sums)
  return data
}
