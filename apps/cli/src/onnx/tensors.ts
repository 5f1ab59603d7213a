import { create } from '@bufbuild/protobuf'
import { type FloatDType, numel, Tensor } from '@handgrad/tensor'
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

/**
 * A constant of the graph as a tensor, copied.
 * @throws OnnxError for another type than FLOAT and DOUBLE, and for data that are elsewhere or do not fill the shape.
 */
export function fromTensorProto(proto: TensorProto): Tensor {
  const refuse = (problem: string): never => {
    throw new OnnxError(`the constant ${quote(proto.name)} ${problem}`)
  }
  const { dataType } = proto
  if (!Object.values(numbers).includes(dataType))
    refuse(`has type ${TensorProto_DataType[dataType] ?? dataType}, expected FLOAT or DOUBLE`)
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL)
    refuse('lies in another file; save the model with its data inside')
  const bytes = dataType === numbers.float64 ? 8 : 4
  const { rawData } = proto
  if (rawData.length % bytes !== 0) refuse(`has ${rawData.length} bytes, which are not whole numbers`)
  const shape = proto.dims.map(Number)
  const data = elements(proto, bytes)
  if (shape.some((extent) => !(extent >= 0)) || numel(shape) !== data.length)
    refuse(`has ${data.length} elements and the shape [${shape.join(',').slice(0, 80)}]`)
  return new Tensor(data, shape)
}

function elements(
  { rawData, floatData, doubleData }: TensorProto,
  bytes: 4 | 8,
): Float32Array | Float64Array {
  const { buffer } = new Uint8Array(rawData)
  if (bytes === 8) return rawData.length > 0 ? new Float64Array(buffer) : Float64Array.from(doubleData)
  return rawData.length > 0 ? new Float32Array(buffer) : Float32Array.from(floatData)
}
