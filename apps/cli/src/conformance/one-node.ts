import { create, toBinary } from '@bufbuild/protobuf'
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf'

/** Gelu came with version 20 of the operators. */
const OPSET = 20
const FLOAT = 1
const INT64 = 7

function attribute([name, value]: [string, unknown]): AttributeProto {
  const types = AttributeProto_AttributeType
  if (typeof value === 'string')
    return create(AttributeProtoSchema, { name, type: types.STRING, s: new TextEncoder().encode(value) })
  if (Array.isArray(value))
    return create(AttributeProtoSchema, {
      name,
      type: types.INTS,
      ints: value.map((x) => BigInt(x as number)),
    })
  return Number.isInteger(value)
    ? create(AttributeProtoSchema, { name, type: types.INT, i: BigInt(value as number) })
    : create(AttributeProtoSchema, { name, type: types.FLOAT, f: value as number })
}

function info(name: string, shape: readonly number[] | null, elemType = FLOAT): ValueInfoProto {
  const dim = shape?.map((extent) => ({ value: { case: 'dimValue' as const, value: BigInt(extent) } }))
  const tensor = { elemType, ...(dim === undefined ? {} : { shape: { dim } }) }
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: tensor } } })
}

/** An ONNX model of one operator, of inputs in float32 by name with their shapes; of two results the second is int64. */
export function oneNode(
  opType: string,
  attributes: Readonly<Record<string, unknown>>,
  inputs: Readonly<Record<string, readonly number[]>>,
  results: readonly string[],
): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 9n,
    producerName: 'handgrad',
    opsetImport: [{ domain: '', version: BigInt(OPSET) }],
    graph: {
      name: opType,
      node: [
        {
          opType,
          input: Object.keys(inputs),
          output: [...results],
          attribute: Object.entries(attributes).map(attribute),
        },
      ],
      input: Object.entries(inputs).map(([name, shape]) => info(name, shape)),
      output: results.map((name, i) => info(name, null, i === 0 ? FLOAT : INT64)),
    },
  })
  return toBinary(ModelProtoSchema, model)
}
