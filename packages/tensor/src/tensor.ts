import { describeValue } from './describe.ts'
import { type DataOf, type DType, dtypeOf, type FloatDType } from './dtype.ts'
import { formatTensor } from './format.ts'
import { checkShape, formatShape, inferShape, numel } from './shape.ts'
import { version } from './version.ts'

/** Numbers nested as deep as the tensor has axes. */
export type NestedArray = number | readonly NestedArray[]

/**
 * Where a tensor of any copy of this package has that copy's version: see {@link checkTensor}.
 * @internal
 */
export const BRAND: unique symbol = Symbol.for('handgrad.Tensor')

/**
 * A dense array of numbers that keeps the gradient of the loss with respect to itself in `.g`.
 *
 * `data` is row-major and contiguous: element [i,j,…] of shape [I,J,…] is at `(i * J + j) * … + …`.
 * It may be written between calls, and the next call sees it.
 */
export class Tensor<D extends DType = FloatDType> {
  readonly shape: readonly number[]
  readonly dtype: D
  readonly data: DataOf<D>
  /** The gradient: a tensor of the same shape and dtype, or null before a backward pass has written it. */
  g: Tensor<D> | null = null
  /** False where a parameter is frozen: no gradient is computed for it, and `step()` leaves it as it is. */
  requiresGrad = true

  /**
   * Wraps `data` without copying it; {@link tensor} copies.
   * @throws RangeError when `data` does not hold as many elements as `shape` says.
   */
  constructor(data: DataOf<D>, shape: readonly number[]) {
    const dtype = dtypeOf(data)
    if (dtype === undefined) {
      const kinds = 'a Float32Array, Float64Array, Int32Array, BigInt64Array or Uint8Array'
      throw new TypeError(
        `new Tensor(): data is ${describeValue(data)}, expected ${kinds}; tensor() takes more`,
      )
    }
    checkShape(shape, 'new Tensor()')
    if (data.length !== numel(shape)) {
      throw new RangeError(`shape ${formatShape(shape)} needs ${numel(shape)} elements, got ${data.length}`)
    }
    this.shape = Object.freeze([...shape])
    this.dtype = dtype as D
    this.data = data
  }

  /**
   * The same elements in another shape, sharing `data`; one extent may be -1 and is worked out.
   * @throws RangeError when the element counts differ.
   */
  reshape(shape: readonly number[]): Tensor<D> {
    return new Tensor<D>(this.data, inferShape(shape, this.data.length, 'reshape()'))
  }

  /** A copy with its own `data` and no gradient. */
  clone(): Tensor<D> {
    return new Tensor<D>(this.data.slice() as DataOf<D>, this.shape)
  }

  /**
   * The value of a tensor of one element.
   * @throws RangeError when it has more or fewer, or when an int64 is beyond 2⁵³.
   */
  item(): number {
    if (this.data.length !== 1) {
      throw new RangeError(`item() needs exactly one element, the shape is ${formatShape(this.shape)}`)
    }
    return toNumber(this.data[0])
  }

  /** The elements as numbers, nested as deep as the tensor has axes. */
  toArray(): NestedArray {
    const nest = (axis: number, offset: number, size: number): NestedArray => {
      if (axis === this.shape.length) return toNumber(this.data[offset])
      const extent = this.shape[axis]
      const inner = size / extent
      return Array.from({ length: extent }, (_, i) => nest(axis + 1, offset + i * inner, inner))
    }
    return nest(0, 0, this.data.length)
  }

  /** Shape, dtype and elements, of a large tensor only those at its edges. */
  toString(): string {
    return formatTensor(this)
  }

  static {
    // Not members of the class: declarations cannot name them. Node's console.log asks the second.
    Object.defineProperties(Tensor.prototype, {
      [BRAND]: { value: version },
      [Symbol.for('nodejs.util.inspect.custom')]: {
        value(this: Tensor) {
          return this.toString()
        },
      },
    })
  }
}

function toNumber(value: number | bigint): number {
  const number = Number(value)
  if (typeof value === 'bigint' && !Number.isSafeInteger(number)) {
    throw new RangeError(`${value} does not fit a number exactly; read it from .data`)
  }
  return number
}
