import { describeValue } from './describe.ts'
import { allocate, arrayKind, type DataOf, type DType, dtypeOf, isFloat } from './dtype.ts'
import { checkOptions, type OptionNames } from './options.ts'
import { checkList, checkShape, formatShape, inferShape, numel } from './shape.ts'
import { type NestedArray, Tensor } from './tensor.ts'

/** `Float16Array`, by what can be seen of it: older libraries of types lack it. */
interface HalfArray extends ArrayLike<number> {
  readonly [Symbol.toStringTag]: 'Float16Array'
}

/** Typed arrays that no dtype is named after. */
type OtherArray =
  | Uint8ClampedArray
  | Int8Array
  | Int16Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | HalfArray

/** What {@link tensor} reads: a number, nested arrays, any typed array, or bytes. */
export type TensorSource = NestedArray | DataOf<DType> | OtherArray | ArrayBuffer | SharedArrayBuffer

/** The smallest dtype that holds every number of a typed array, as in safetensors files. */
const widened: Readonly<Record<string, DType>> = {
  Uint8ClampedArray: 'uint8',
  Int8Array: 'int32',
  Int16Array: 'int32',
  Uint16Array: 'int32',
  Uint32Array: 'int64',
  BigUint64Array: 'int64',
  Float16Array: 'float32',
}

const optionNames: OptionNames<{ dtype?: DType }> = { dtype: null }

/**
 * A tensor of a copy of `values`: a number, nested arrays, any typed array, or the bytes of an ArrayBuffer.
 *
 * Its dtype is `dtype`, else the typed array's own (of a smaller one the next that holds it), else float32; its shape is
 * `shape`, else that of the nesting. Bytes are read as elements of the dtype, not converted.
 * @throws RangeError when nested arrays are ragged, `shape` does not fit or an integer dtype cannot hold a value;
 * TypeError for anything but numbers.
 */
export function tensor(values: Float32Array, shape?: readonly number[]): Tensor<'float32'>
export function tensor(values: Float64Array, shape?: readonly number[]): Tensor<'float64'>
export function tensor(values: Int32Array, shape?: readonly number[]): Tensor<'int32'>
export function tensor(values: BigInt64Array, shape?: readonly number[]): Tensor<'int64'>
export function tensor(values: Uint8Array | Uint8ClampedArray, shape?: readonly number[]): Tensor<'uint8'>
export function tensor(
  values: Int8Array | Int16Array | Uint16Array,
  shape?: readonly number[],
): Tensor<'int32'>
export function tensor(values: Uint32Array | BigUint64Array, shape?: readonly number[]): Tensor<'int64'>
export function tensor(values: NestedArray | HalfArray, shape?: readonly number[]): Tensor<'float32'>
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
  if (shape !== undefined) checkList(shape, 'tensor()')
  checkOptions('tensor()', optionNames, arguments, 2)
  if (isBytes(values)) return ofBytes(values, shape, options.dtype)
  const kind = arrayKind(values)
  const flat: number[] = []
  const nested = kind === undefined ? flatten(values, flat) : undefined
  const source = kind === undefined ? flat : (values as DataOf<DType>)
  const own = dtypeOf(values)
  const { dtype = own ?? widened[kind ?? ''] ?? 'float32' } = options
  const data = allocate(dtype, source.length)
  // A copy of the same type keeps the bits of every NaN, which numbers need not.
  if (dtype === own) (data as Float32Array).set(source as Float32Array)
  else convert(source, data, dtype, (i) => `tensor(): element ${i}`)
  return new Tensor(data, inferShape(shape ?? nested ?? [source.length], source.length, 'tensor()'))
}

function isBytes(values: unknown): values is ArrayBuffer | SharedArrayBuffer {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(values))
}

function ofBytes(
  buffer: ArrayBuffer | SharedArrayBuffer,
  shape: readonly number[] | undefined,
  dtype: DType = 'float32',
): Tensor<DType> {
  // mutant: constant `0` → `1` is equivalent because elements of one array are as large as those of another
  const size = allocate(dtype, 0).BYTES_PER_ELEMENT
  const length = buffer.byteLength / size
  if (!Number.isInteger(length)) {
    const bytes = `an ArrayBuffer of ${buffer.byteLength} bytes`
    throw new RangeError(
      `tensor(): ${bytes} holds no whole number of ${dtype}, of ${size} bytes each; give { dtype }`,
    )
  }
  const data = allocate(dtype, length)
  new Uint8Array(data.buffer).set(new Uint8Array(buffer))
  return new Tensor(data, inferShape(shape ?? [length], length, 'tensor()'))
}

function flatten(values: unknown, flat: number[]): number[] {
  if (typeof values === 'number') {
    flat.push(values)
    return []
  }
  if (!Array.isArray(values)) {
    throw new TypeError(`tensor(): element ${flat.length} is ${describeValue(values)}, expected a number`)
  }
  // Not map, which would leave out the holes of [1, , 2].
  const shapes = Array.from(values, (value) => flatten(value, flat))
  const inner = shapes[0] ?? []
  const odd = shapes.find((shape) => formatShape(shape) !== formatShape(inner))
  if (odd !== undefined) {
    throw new RangeError(
      `tensor(): nested arrays differ in shape, ${formatShape(inner)} and ${formatShape(odd)}`,
    )
  }
  return [values.length, ...inner]
}

/** @throws RangeError for a number that an integer type cannot hold, which would be cut or wrapped. */
function convert(
  source: ArrayLike<number | bigint>,
  data: DataOf<DType>,
  dtype: DType,
  what: (i: number) => string,
): void {
  for (let i = 0; i < source.length; i++) {
    const value = source[i]
    if (dtype !== 'int64') data[i] = Number(value)
    else if (typeof value === 'bigint' || Number.isInteger(value)) data[i] = BigInt(value)
    if (!isFloat(dtype) && !sameNumber(data[i], value)) {
      throw new RangeError(`${what(i)} is ${value}, which ${dtype} cannot hold`)
    }
  }
}

function sameNumber(a: number | bigint, b: number | bigint): boolean {
  // `==` compares a number and a bigint by value.
  return a == b
}

/**
 * A tensor of `shape` filled with `value`, float32 unless told.
 * @throws RangeError for a value that an integer dtype cannot hold; TypeError for anything but a number.
 */
export function full<D extends DType = 'float32'>(
  shape: readonly number[],
  value: number | bigint,
  options: { dtype?: D } = {},
): Tensor<D> {
  checkShape(shape, 'full()')
  checkOptions('full()', optionNames, arguments, 2)
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw new TypeError(`full(): value is ${describeValue(value)}, expected a number`)
  }
  const { dtype = 'float32' as D } = options
  const one = allocate(dtype, 1)
  convert([value], one, dtype, () => 'full(): value')
  const data = allocate(dtype, numel(shape))
  ;(data as Float32Array).fill(one[0] as number)
  return new Tensor<D>(data, shape)
}

/** A tensor of `shape` filled with 0, float32 unless told. */
export function zeros<D extends DType = 'float32'>(
  shape: readonly number[],
  options: { dtype?: D } = {},
): Tensor<D> {
  checkShape(shape, 'zeros()')
  checkOptions('zeros()', optionNames, arguments, 1)
  const { dtype = 'float32' as D } = options
  return new Tensor<D>(allocate(dtype, numel(shape)), shape)
}

/** A tensor of `shape` filled with 1, float32 unless told. */
export function ones<D extends DType = 'float32'>(
  shape: readonly number[],
  options: { dtype?: D } = {},
): Tensor<D> {
  checkShape(shape, 'ones()')
  checkOptions('ones()', optionNames, arguments, 1)
  return full(shape, 1, options)
}
