import { create, toBinary } from '@bufbuild/protobuf'
import type { Layer, Sequential } from '@handgrad/layers'
import type { FloatDType } from '@handgrad/tensor'
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf'
import { ownCodeIn } from '../network/own-code.ts'
import { OnnxError } from './error.ts'
import type { NodeParts } from './operator.ts'
import { operators } from './operators.ts'
import { elementType, toTensorProto } from './tensors.ts'

/** The usual version of the operators: old enough for every runtime of the last years. */
const OPSET = 17

/** The version of the file's structure that came with a version of the operators. */
const irVersion = (opset: number): bigint => (opset > 21 ? 10n : 8n)

/** What a network and its file share. */
export interface OnnxOptions {
  /** The extents of one sample, without the batch axis, which may have any extent. */
  readonly sampleShape: readonly number[]
  /** The version of this program. */
  readonly version?: string
}

/**
 * A network as an ONNX model of one input `input` [N, …sampleShape] and one output `output`: what `net.eval()` computes.
 *
 * Constants have the names of the state dict. Source: onnx.proto3 and Operators.md.
 * @throws OnnxError for a layer that none of the written operators is; Error where the layers do not fit the sample.
 */
export function toOnnx(net: Sequential, { sampleShape, version = '' }: OnnxOptions): Uint8Array {
  if (net.flat().length === 0) throw new OnnxError('a network without layers is no model')
  const own = ownCodeIn(net)
  if (own !== null)
    throw new OnnxError(`${own.describe()} computes by code of its own, for which there is no operator`)
  const dtype = net.parameters()[0]?.dtype ?? 'float32'
  // mutant: constant is equivalent because nothing that is written depends on the number of images
  const { node, initializer, outShape, opset } = graphOf(net, [1, ...sampleShape], dtype)
  const model = create(ModelProtoSchema, {
    irVersion: irVersion(opset),
    producerName: 'handgrad',
    producerVersion: version,
    opsetImport: [{ domain: '', version: BigInt(opset) }],
    graph: {
      name: 'handgrad',
      node,
      initializer,
      input: [valueInfo('input', dtype, sampleShape)],
      output: [valueInfo('output', dtype, outShape.slice(1))],
    },
  })
  return toBinary(ModelProtoSchema, model)
}

/** What the layers come to for an input of `shape`. */
interface Graph {
  readonly node: NodeProto[]
  readonly initializer: TensorProto[]
  readonly outShape: readonly number[]
  readonly opset: number
}

function graphOf(net: Sequential, shape: readonly number[], dtype: FloatDType): Graph {
  const names = new Map(net.namedParameters().map(([name, parameter]) => [parameter, name]))
  const initializer: TensorProto[] = []
  let outShape = shape
  let opset = OPSET
  const node = net.flat().map((layer, i, { length }) => {
    const inShape = outShape
    outShape = layer.outputShape(inShape, dtype)
    const parts = partsOf(layer, inShape)
    opset = Math.max(opset, parts.opset ?? OPSET)
    const constants = (parts.constants ?? []).map(([suffix, value]) =>
      toTensorProto(names.get(value) ?? `${i}.${suffix}`, value),
    )
    initializer.push(...constants)
    return create(NodeProtoSchema, {
      name: `${i}.${parts.op}`,
      opType: parts.op,
      input: [i === 0 ? 'input' : `${i - 1}.y`, ...constants.map(({ name }) => name)],
      output: [i === length - 1 ? 'output' : `${i}.y`],
      attribute: Object.entries(parts.attributes ?? {}).map(toAttribute),
    })
  })
  return { node, initializer, outShape, opset }
}

function partsOf(layer: Layer, shape: readonly number[]): NodeParts {
  for (const operator of operators) {
    const parts = operator.write === undefined ? null : operator.write(layer, shape)
    if (parts !== null) return parts
  }
  const known = operators.flatMap(({ op, write }) => (write === undefined ? [] : [op])).join(', ')
  throw new OnnxError(`${layer.describe()} is none of the operators that are written: ${known}`)
}

function toAttribute([name, value]: [string, number | readonly number[]]): AttributeProto {
  return typeof value === 'number'
    ? create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) })
    : create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) })
}

function valueInfo(name: string, dtype: FloatDType, extents: readonly number[]): ValueInfoProto {
  const batch = { value: { case: 'dimParam', value: 'N' } } as const
  const dim = extents.map((extent) => ({ value: { case: 'dimValue', value: BigInt(extent) } as const }))
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: { elemType: elementType(dtype), shape: { dim: [batch, ...dim] } },
      },
    },
  })
}
