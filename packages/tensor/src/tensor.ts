import { allocate, type DataOf, type DType, dtypeOf, type FloatDType } from './dtype.ts'
import { checkShape, formatShape, inferShape, numel } from './shape.ts'

/** Numbers nested as deep as the tensor has axes. */
export type NestedArray = number | readonly NestedArray[]

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

  /**
   * Wraps `data` without copying it; {@link tensor} copies.
   * @throws RangeError when `data` does not hold as many elements as `shape` says.
   */
  constructor(data: DataOf<D>, shape: readonly number[]) {
    const dtype = dtypeOf(data)
    if (dtype === undefined) throw new TypeError(`a tensor holds a typed array, got ${typeof data}`)
    checkShape(shape)
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
    return new Tensor<D>(this.data, inferShape(shape, this.data.length))
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
      const inner = extent === 0 ? 0 : size / extent
      return Array.from({ length: extent }, (_, i) => nest(axis + 1, offset + i * inner, inner))
    }
    return nest(0, 0, this.data.length)
  }
}

function toNumber(value: number | bigint): number {
  const number = Number(value)
  if (typeof value === 'bigint' && !Number.isSafeInteger(number)) {
    throw new RangeError(`${value} does not fit a number exactly; read it from .data`)
  }
  return number
}

function flatten(values: unknown, flat: number[]): number[] {
  if (typeof values === 'number') {
    flat.push(values)
    return []
  }
  if (!Array.isArray(values)) {
    const what = values === null ? 'null' : typeof values
    throw new TypeError(`tensor(): element ${flat.length} is of type ${what}, expected a number`)
  }
  const shapes = values.map((value) => flatten(value, flat))
  const inner = shapes[0] ?? []
  const odd = shapes.find((shape) => formatShape(shape) !== formatShape(inner))
  if (odd !== undefined) {
    throw new RangeError(
      `tensor(): nested arrays differ in shape, ${formatShape(inner)} and ${formatShape(odd)}`,
    )
  }
  return [values.length, ...inner]
}

/** What {@link tensor} reads: a number, nested arrays or a typed array. */
export type TensorSource = NestedArray | DataOf<DType>

/**
 * A tensor of a copy of `values`: a number, nested arrays or a typed array.
 *
 * Its dtype is `dtype`, else the typed array's own, else float32; its shape is `shape`, else that of the nesting.
 * @throws RangeError when nested arrays are ragged, `shape` does not fit or an integer dtype cannot hold a value;
 * TypeError for anything but numbers.
 */
export function tensor(values: Float32Array, shape?: readonly number[]): Tensor<'float32'>
export function tensor(values: Float64Array, shape?: readonly number[]): Tensor<'float64'>
export function tensor(values: Int32Array, shape?: readonly number[]): Tensor<'int32'>
export function tensor(values: BigInt64Array, shape?: readonly number[]): Tensor<'int64'>
export function tensor(values: Uint8Array, shape?: readonly number[]): Tensor<'uint8'>
export function tensor(values: NestedArray, shape?: readonly number[]): Tensor<'float32'>
export function tensor<D extends DType = 'float32'>(
  values: TensorSource,
  shape?: readonly number[],
  options?: { dtype?: D },
): Tensor<D>
export function tensor(
  values: TensorSource,
  shape?: readonly number[],
  options: { dtype?: DType } = {},
): Tensor<DType> {
  const own = dtypeOf(values)
  const flat: number[] = []
  const nested = own === undefined ? flatten(values, flat) : undefined
  const source = own === undefined ? flat : (values as DataOf<DType>)
  const dtype = options.dtype ?? own ?? 'float32'
  // A copy of the same type keeps the bits of every NaN, which numbers need not.
  const data = dtype === own ? (source.slice() as DataOf<DType>) : allocate(dtype, source.length)
  if (dtype !== own) convert(source, data)
  return new Tensor(data, inferShape(shape ?? nested ?? [source.length], source.length))
}

/** @throws RangeError for a number that an integer type cannot hold, which would be cut or wrapped. */
function convert(source: ArrayLike<number | bigint>, data: DataOf<DType>): void {
  const wide = data instanceof BigInt64Array
  const real = data instanceof Float32Array || data instanceof Float64Array
  for (let i = 0; i < source.length; i++) {
    const value = source[i]
    data[i] = wide ? BigInt(value) : Number(value)
    if (!real && Number(data[i]) !== Number(value)) {
      throw new RangeError(`tensor(): element ${i} is ${value}, which ${dtypeOf(data)} cannot hold`)
    }
  }
}

/** A tensor of `shape` filled with `value`, float32 unless told. */
export function full<D extends DType = 'float32'>(
  shape: readonly number[],
  value: number,
  { dtype = 'float32' as D }: { dtype?: D } = {},
): Tensor<D> {
  checkShape(shape)
  const data = allocate(dtype, numel(shape))
  if (data instanceof BigInt64Array) data.fill(BigInt(value))
  else data.fill(value)
  return new Tensor<D>(data, shape)
}

/** A tensor of `shape` filled with 0, float32 unless told. */
export function zeros<D extends DType = 'float32'>(
  shape: readonly number[],
  { dtype = 'float32' as D }: { dtype?: D } = {},
): Tensor<D> {
  checkShape(shape)
  return new Tensor<D>(allocate(dtype, numel(shape)), shape)
}

/** A tensor of `shape` filled with 1, float32 unless told. */
export function ones<D extends DType = 'float32'>(
  shape: readonly number[],
  options?: { dtype?: D },
): Tensor<D> {
  return full(shape, 1, options)
}
