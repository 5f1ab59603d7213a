import { fromBinary } from '@bufbuild/protobuf'
import { type Layer, Sequential } from '@handgrad/layers'
import { foreignKind, type Tensor } from '@handgrad/tensor'
import { type GraphProto, type ModelProto, ModelProtoSchema, type NodeProto } from 'onnx-buf'
import { OnnxError, quote } from './error.ts'
import { NodeReader } from './node-reader.ts'
import { operators } from './operators.ts'
import { fromTensorProto } from './tensors.ts'

/** The versions of the operators whose meaning is known here; ours did not change between them. */
const OPSETS = { first: 11, last: 28 }

/** The name of the operators' standard domain, and its other spelling. */
const STANDARD = new Set(['', 'ai.onnx'])

/**
 * The network of an ONNX model whose nodes follow one another: the operators that `toOnnx` writes, with what they mean
 * in our layers.
 * @throws OnnxError for bytes that are no model, and for anything outside that subset, naming the node and operator.
 */
export function fromOnnx(bytes: Uint8Array): Sequential {
  const model = parse(bytes)
  const { graph } = model
  if (graph === undefined) throw new OnnxError('the file has no graph')
  if (model.functions.length > 0) throw new OnnxError('the file defines operators of its own')
  const opset = readOpset(model)
  const constants = new Map(graph.initializer.map((proto) => [proto.name, fromTensorProto(proto)]))
  if (constants.size < graph.initializer.length) throw new OnnxError('two constants have the same name')
  return new Sequential(...chainOf(graph, constants).map((node) => readNode(node, constants, opset)))
}

function parse(bytes: Uint8Array): ModelProto {
  const kind = foreignKind(bytes)
  if (kind !== null) throw new OnnxError(`the file is ${kind}`)
  try {
    return fromBinary(ModelProtoSchema, bytes)
  } catch (error) {
    throw new OnnxError(`the file is not a protobuf message: ${(error as Error).message}`, { cause: error })
  }
}

function readOpset({ opsetImport }: ModelProto): number {
  const version = Number(opsetImport.find(({ domain }) => STANDARD.has(domain))?.version ?? 0)
  const { first, last } = OPSETS
  if (version >= first && version <= last) return version
  throw new OnnxError(`the file uses version ${version} of the operators, expected ${first} to ${last}`)
}

/** The nodes, when each reads what the one before gave, from the graph's one input to its one output. */
function chainOf(graph: GraphProto, constants: ReadonlyMap<string, Tensor>): NodeProto[] {
  const inputs = graph.input.filter(({ name }) => !constants.has(name))
  if (inputs.length !== 1 || graph.output.length !== 1) {
    throw new OnnxError(
      `the graph has ${inputs.length} inputs and ${graph.output.length} outputs, expected one of each`,
    )
  }
  let value = inputs[0].name
  for (const node of graph.node) {
    checkKnown(node)
    if (node.input[0] !== value)
      refuse(node, `it reads ${quote(node.input[0] ?? '')}, expected ${quote(value)}: the graph is no chain`)
    value = node.output[0] ?? ''
  }
  const output = graph.output[0].name
  if (value !== output)
    throw new OnnxError(`the graph's output is ${quote(output)}, its last node gives ${quote(value)}`)
  return graph.node
}

function refuse({ name, opType }: NodeProto, problem: string): never {
  throw new OnnxError(`node ${quote(name)} (${opType.slice(0, 80)}): ${problem}`)
}

function checkKnown(node: NodeProto): void {
  const known = operators.map(({ op }) => op)
  if (!STANDARD.has(node.domain) || !known.includes(node.opType))
    refuse(node, `this operator is not read, only ${known.join(', ')}`)
}

function readNode(node: NodeProto, constants: ReadonlyMap<string, Tensor>, opset: number): Layer {
  const reader = new NodeReader(node, constants)
  const { read } = operators.find(({ op }) => op === node.opType)!
  try {
    const layer = read(reader, opset)
    reader.end()
    return layer
  } catch (error) {
    if (error instanceof OnnxError) throw error
    return refuse(node, (error as Error).message)
  }
}
