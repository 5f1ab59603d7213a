import { describeValue, dtypeOf, foreignKind, formatShape, numel } from '@handgrad/tensor'

/** The arrays that an IDX file can hold. */
export type IdxArray = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array

/** The content of an IDX file: row-major elements and their extents. */
export interface Idx<A extends IdxArray = IdxArray> {
  readonly shape: readonly number[]
  readonly data: A
}

interface ElementType {
  readonly bytes: number
  /** Reads `count` big-endian elements from `offset`. */
  read(view: DataView, offset: number, count: number): IdxArray
}

const elementTypes: Readonly<Record<number, ElementType>> = {
  // Bytes have no order: a view of the file, not a copy.
  8: {
    bytes: 1,
    read: (view, offset, count) => new Uint8Array(view.buffer, view.byteOffset + offset, count),
  },
  9: { bytes: 1, read: (view, offset, count) => new Int8Array(view.buffer, view.byteOffset + offset, count) },
  11: {
    bytes: 2,
    read: (view, at, n) => Int16Array.from({ length: n }, (_, i) => view.getInt16(at + 2 * i)),
  },
  12: {
    bytes: 4,
    read: (view, at, n) => Int32Array.from({ length: n }, (_, i) => view.getInt32(at + 4 * i)),
  },
  13: {
    bytes: 4,
    read: (view, at, n) => Float32Array.from({ length: n }, (_, i) => view.getFloat32(at + 4 * i)),
  },
  14: {
    bytes: 8,
    read: (view, at, n) => Float64Array.from({ length: n }, (_, i) => view.getFloat64(at + 8 * i)),
  },
}

const hex = (byte: number) => `0x${byte.toString(16).padStart(2, '0')}`

/** @throws Error when the bytes start like another kind of file. */
export function checkForeign(bytes: Uint8Array, name: string): void {
  const kind = foreignKind(bytes)
  if (kind !== null) throw new Error(`${name}: is no IDX file but ${kind}`)
}

/** Element type and number of axes from the four magic bytes: 0, 0, type, axes. */
function readMagic(bytes: Uint8Array, name: string): { type: ElementType; axes: number } {
  checkForeign(bytes, name)
  if (bytes.length < 4) {
    throw new Error(
      `${name}: has ${bytes.length} bytes, an IDX file has a magic number of 4 bytes; it is truncated`,
    )
  }
  const [zero, alsoZero, code, axes] = bytes as unknown as [number, number, number, number]
  if (zero !== 0 || alsoZero !== 0) {
    const magic = [...bytes.subarray(0, 4)].map(hex).join(' ')
    throw new Error(
      `${name}: is not an IDX file: it starts with ${magic}, expected 0x00 0x00, a type, a rank`,
    )
  }
  const type = elementTypes[code]
  if (type === undefined) {
    const known = Object.keys(elementTypes).map((key) => hex(Number(key)))
    throw new Error(`${name}: IDX element type ${hex(code)} is unknown, expected one of ${known.join(', ')}`)
  }
  if (axes === 0) throw new Error(`${name}: the IDX header states 0 axes, expected at least 1`)
  return { type, axes }
}

/**
 * Reads IDX bytes that are not compressed; uint8 data is a view of `bytes`, other types are copied.
 *
 * Format: http://yann.lecun.com/exdb/mnist (magic 0, 0, type, rank; extents and elements big-endian). `name` is what
 * errors call the bytes.
 * @throws Error when the magic number is wrong, or the length is not what the extents say: more and less are refused.
 */
export function parseIdx(bytes: Uint8Array, name = 'IDX data'): Idx {
  if (dtypeOf(bytes) !== 'uint8')
    throw new TypeError(`${name}: is ${describeValue(bytes)}, expected its bytes, a Uint8Array`)
  const { type, axes } = readMagic(bytes, name)
  const header = 4 + 4 * axes
  if (bytes.length < header) {
    throw new Error(
      `${name}: has ${bytes.length} bytes, its header of ${axes} axes needs ${header}; it is truncated`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis))
  // Up to 255 extents: a product may reach Infinity, and then Infinity · 0 would be NaN.
  const count = shape.includes(0) ? 0 : numel(shape)
  const expected = header + count * type.bytes
  if (bytes.length !== expected) {
    const fault = bytes.length < expected ? 'it is truncated' : 'bytes follow the data'
    throw new Error(
      `${name}: has ${bytes.length} bytes, shape ${formatShape(shape)} needs ${expected}; ${fault}`,
    )
  }
  return { shape, data: type.read(view, header, count) }
}
