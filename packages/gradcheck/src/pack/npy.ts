import { type DType, Tensor } from '@handgrad/tensor'
import type { FileArray } from './narrow.ts'

/** What is wrong with an array of NumPy, or with an archive of them, in one line. */
export class NpyError extends Error {
  override readonly name = 'NpyError'
}

/** An array and the type that its file gives it, by our names and those of {@link Precision}. */
export interface NpyArray {
  readonly tensor: Tensor<DType>
  readonly dtype: string
}

const MAGIC = '\x93NUMPY'

const codes = new Map<Function, string>([
  [Float64Array, '<f8'],
  [Float32Array, '<f4'],
  [BigInt64Array, '<i8'],
  [Int32Array, '<i4'],
  [Int16Array, '<i2'],
  [Int8Array, '|i1'],
  [Uint8Array, '|u1'],
])

/** A half, 1-5-10 bits, as a number. */
export function fromHalf(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const view = new DataView(new ArrayBuffer(4))

/** The upper half of a float32 as a number. */
function fromBrain(bits: number): number {
  view.setUint32(0, bits * 0x10000)
  return view.getFloat32(0)
}

/** Bytes of exactly one array, in our byte order, which is the format's. */
const readings: Record<
  string,
  {
    dtype: string
    bytes: number
    read: (of: ArrayBuffer) => Tensor['data'] | BigInt64Array | Int32Array | Uint8Array
  }
> = {
  '<f8': { dtype: 'float64', bytes: 8, read: (of) => new Float64Array(of) },
  '<f4': { dtype: 'float32', bytes: 4, read: (of) => new Float32Array(of) },
  '<f2': { dtype: 'float16', bytes: 2, read: (of) => Float32Array.from(new Uint16Array(of), fromHalf) },
  // NumPy has no bfloat16: ml_dtypes writes it as two bytes of anything.
  '<V2': { dtype: 'bfloat16', bytes: 2, read: (of) => Float32Array.from(new Uint16Array(of), fromBrain) },
  '|V2': { dtype: 'bfloat16', bytes: 2, read: (of) => Float32Array.from(new Uint16Array(of), fromBrain) },
  '<i8': { dtype: 'int64', bytes: 8, read: (of) => new BigInt64Array(of) },
  '<i4': { dtype: 'int32', bytes: 4, read: (of) => new Int32Array(of) },
  '<i2': { dtype: 'int16', bytes: 2, read: (of) => Int32Array.from(new Int16Array(of)) },
  '|i1': { dtype: 'int8', bytes: 1, read: (of) => Int32Array.from(new Int8Array(of)) },
  '|u1': { dtype: 'uint8', bytes: 1, read: (of) => new Uint8Array(of) },
}

/** An array as `np.save` writes it, version 1.0, its header filled to a multiple of 64 bytes. */
export function writeNpy({ data, shape }: FileArray): Uint8Array {
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${codes.get(data.constructor)}', 'fortran_order': False, 'shape': (${extents}), }`
  const length = Math.ceil((10 + text.length + 1) / 64) * 64
  const bytes = new Uint8Array(length + data.byteLength)
  const header = `${text.padEnd(length - 11)}\n`
  for (let i = 0; i < 6; i++) bytes[i] = MAGIC.charCodeAt(i)
  bytes.set([1, 0, (length - 10) & 255, (length - 10) >> 8], 6)
  bytes.set(new TextEncoder().encode(header), 10)
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), length)
  return bytes
}

interface Header {
  readonly descr: string
  readonly fortran: boolean
  readonly shape: readonly number[]
  readonly start: number
}

/** @throws NpyError for anything but an array of version 1, 2 or 3. */
function readHeader(bytes: Uint8Array): Header {
  const magic = String.fromCharCode(...bytes.subarray(0, 6))
  if (magic !== MAGIC || bytes.length < 12) throw new NpyError('this is no .npy file')
  const wide = bytes[6] > 1
  const at = new DataView(bytes.buffer, bytes.byteOffset)
  const start = wide ? 12 + at.getUint32(8, true) : 10 + at.getUint16(8, true)
  if (start > bytes.length) throw new NpyError('the file is cut off in its header')
  const text = new TextDecoder().decode(bytes.subarray(wide ? 12 : 10, start))
  const [, descr] = /'descr'\s*:\s*'([^']*)'/.exec(text) ?? []
  const [, order] = /'fortran_order'\s*:\s*(True|False)/.exec(text) ?? []
  const [, extents] = /'shape'\s*:\s*\(([^)]*)\)/.exec(text) ?? []
  if (descr === undefined || order === undefined || extents === undefined)
    throw new NpyError(`its header is not understood: ${text.trim().slice(0, 80)}`)
  const shape = extents
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number)
  if (!shape.every((extent) => Number.isInteger(extent) && extent >= 0))
    throw new NpyError(`its shape is (${extents})`)
  return { descr, fortran: order === 'True', shape, start }
}

/** The elements of an array that NumPy stored with the first index running fastest, row by row. */
function rowMajor<T extends Tensor<DType>['data']>(data: T, shape: readonly number[]): T {
  const out = data.slice() as T
  const index = shape.map(() => 0)
  for (let flat = 0; flat < data.length; flat++) {
    let at = 0
    for (let axis = shape.length - 1; axis >= 0; axis--) at = at * shape[axis] + index[axis]
    out[flat] = data[at]
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0
  }
  return out
}

/**
 * Reads an array of `np.save`, in C or Fortran order.
 * @throws NpyError for a malformed file and for a type that is not read.
 */
export function readNpy(bytes: Uint8Array): NpyArray {
  const { descr, fortran, shape, start } = readHeader(bytes)
  const reading = Object.hasOwn(readings, descr) ? readings[descr] : undefined
  if (reading === undefined)
    throw new NpyError(`its type is '${descr}', expected one of ${Object.keys(readings).join(' ')}`)
  const count = shape.reduce((product, extent) => product * extent, 1)
  if (bytes.length - start !== count * reading.bytes)
    throw new NpyError(
      `it has ${bytes.length - start} bytes, shape (${shape.join(', ')}) takes ${count * reading.bytes}`,
    )
  const data = reading.read(bytes.slice(start).buffer)
  const own = fortran ? rowMajor(data as Float64Array, shape) : data
  return { tensor: new Tensor<DType>(own, shape), dtype: reading.dtype }
}
