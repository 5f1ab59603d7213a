import { create } from '@bufbuild/protobuf'
import { type FloatDType, loadSafetensors, numel, Tensor } from '@handgrad/tensor'
import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType, TensorProtoSchema } from 'onnx-buf'
import { OnnxError, quote } from './error.ts'

const numbers: Readonly<Record<FloatDType, number>> = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
}

/** ONNX's number for an element type of ours. */
export const elementType = (dtype: FloatDType): number => numbers[dtype]

/** A tensor as a constant of the graph; the bytes are little-endian, as typed arrays are wherever this runs. */
export function toTensorProto(name: string, { shape, dtype, data }: Tensor): TensorProto {
  const rawData = new Uint8Array(data.byteLength)
  rawData.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType: elementType(dtype), rawData })
}

/** The bytes of a file beside the model, by the name that the model has for it; null where no file can be read. */
export type OtherFiles = ((location: string) => Uint8Array) | null

/** How the elements of a type lie in the file: as bytes, or one by one in a list of the message. */
interface Layout<T> {
  readonly bytes: number
  readonly fromBytes: (buffer: ArrayBuffer) => T
  readonly fromList: (proto: TensorProto) => T
}

const Type = TensorProto_DataType

type Layouts<T> = Readonly<Record<number, Layout<T>>>

const floats: Layouts<Float32Array | Float64Array> = {
  [Type.FLOAT]: {
    bytes: 4,
    fromBytes: (buffer) => new Float32Array(buffer),
    fromList: ({ floatData }) => Float32Array.from(floatData),
  },
  [Type.DOUBLE]: {
    bytes: 8,
    fromBytes: (buffer) => new Float64Array(buffer),
    fromList: ({ doubleData }) => Float64Array.from(doubleData),
  },
  [Type.FLOAT16]: half('F16'),
  [Type.BFLOAT16]: half('BF16'),
}

const wholes: Layouts<ArrayLike<number | bigint>> = {
  [Type.INT64]: {
    bytes: 8,
    fromBytes: (buffer) => new BigInt64Array(buffer),
    fromList: ({ int64Data }) => int64Data,
  },
  [Type.INT32]: {
    bytes: 4,
    fromBytes: (buffer) => new Int32Array(buffer),
    fromList: ({ int32Data }) => int32Data,
  },
  [Type.BOOL]: {
    bytes: 1,
    fromBytes: (buffer) => new Uint8Array(buffer),
    fromList: ({ int32Data }) => int32Data,
  },
}

/** 16-bit floats, which float32 holds exactly: the reader of safetensors widens them. */
function half(dtype: 'F16' | 'BF16'): Layout<Float32Array> {
  const fromBytes = (buffer: ArrayBuffer): Float32Array => {
    const count = buffer.byteLength / 2
    const header = JSON.stringify({ x: { dtype, shape: [count], data_offsets: [0, 2 * count] } })
    const length = new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer)
    const parts = [length, new TextEncoder().encode(header), new Uint8Array(buffer)]
    return loadSafetensors(new Uint8Array(parts.flatMap((part) => [...part])))['x'].data as Float32Array
  }
  return { bytes: 2, fromBytes, fromList: ({ int32Data }) => fromBytes(Uint16Array.from(int32Data).buffer) }
}

/**
 * A constant of the graph as a tensor, copied; 16-bit floats become float32.
 * @throws OnnxError for another type, and for data that are not there or do not fill the shape.
 */
export const fromTensorProto = (proto: TensorProto, files: OtherFiles): Tensor =>
  new Tensor(elements(proto, floats, files), proto.dims.map(Number))

/** The whole numbers of a constant, in order. @throws OnnxError as {@link fromTensorProto}. */
export const wholeNumbers = (proto: TensorProto, files: OtherFiles): number[] =>
  Array.from(elements(proto, wholes, files), Number)

function elements<T extends ArrayLike<number | bigint>>(
  proto: TensorProto,
  layouts: Layouts<T>,
  files: OtherFiles,
): T {
  const refuse = (problem: string): never => {
    throw new OnnxError(`the constant ${quote(proto.name)} ${problem}`)
  }
  const known = Object.keys(layouts).map((type) => Type[Number(type)])
  const layout =
    layouts[proto.dataType] ??
    refuse(`has the type ${Type[proto.dataType] ?? proto.dataType}, expected ${known.join(', ')}`)
  const raw = rawBytes(proto, files, refuse)
  if (raw.length % layout.bytes !== 0) refuse(`has ${raw.length} bytes, which are not whole numbers`)
  const data = raw.length > 0 ? layout.fromBytes(new Uint8Array(raw).buffer) : layout.fromList(proto)
  const shape = proto.dims.map(Number)
  if (shape.some((extent) => !(extent >= 0)) || numel(shape) !== data.length)
    refuse(`has ${data.length} elements and the shape [${shape.join(',').slice(0, 80)}]`)
  return data
}

/** The bytes in the message, or those of another file that it names. */
function rawBytes(proto: TensorProto, files: OtherFiles, refuse: (problem: string) => never): Uint8Array {
  if (proto.dataLocation !== TensorProto_DataLocation.EXTERNAL) return proto.rawData
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]))
  const location = entries.get('location') ?? ''
  if (files === null) return refuse('lies in another file; save the model with its data inside')
  const file = fileAt(location, files, refuse)
  // mutant: logical `entries.get('offset') ?? 0` → `((entries.get('offset')) || 0)` is equivalent because Number('') is 0
  const offset = Number(entries.get('offset') ?? 0)
  const length = Number(entries.get('length') ?? file.length - offset)
  if (!(offset >= 0 && length >= 0 && offset + length <= file.length))
    refuse(`takes ${length} bytes from ${offset} on of ${quote(location)}, which has ${file.length}`)
  return file.subarray(offset, offset + length)
}

function fileAt(
  location: string,
  files: NonNullable<OtherFiles>,
  refuse: (problem: string) => never,
): Uint8Array {
  try {
    return files(location)
  } catch (error) {
    return refuse(`lies in another file, ${quote(location)}: ${(error as Error).message}`)
  }
}
