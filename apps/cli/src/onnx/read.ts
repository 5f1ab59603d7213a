import { fromBinary } from '@bufbuild/protobuf'
import { type Layer, Sequential } from '@handgrad/layers'
import { foreignKind } from '@handgrad/tensor'
import { type ModelProto, ModelProtoSchema, type NodeProto } from 'onnx-buf'
import { chainOf, isStandard, refuse } from './chain.ts'
import { Constants } from './constants.ts'
import { OnnxError } from './error.ts'
import { NodeReader } from './node-reader.ts'
import type { Operator } from './operator.ts'
import { operators } from './operators.ts'
import { inputShape, type KnownShape, shapeAfter } from './shapes.ts'
import type { OtherFiles } from './tensors.ts'

/** The versions of the operators whose meaning is known here. */
const OPSETS = { first: 7, last: 28 }

/** A network from a file, and what its user should know of it. */
export interface OnnxNetwork {
  readonly net: Sequential
  readonly notes: readonly string[]
}

/**
 * The network of an ONNX model whose nodes follow one another: the operators that `toOnnx` writes and those that others
 * write for the same layers. `files` gives the bytes of files that the model names.
 * @throws OnnxError for bytes that are no model, and for anything outside that subset, naming the node and operator.
 */
export function readOnnx(bytes: Uint8Array, files: OtherFiles = null): OnnxNetwork {
  const model = parse(bytes)
  const { graph } = model
  if (graph === undefined) throw new OnnxError('the file has no graph')
  if (model.functions.length > 0) throw new OnnxError('the file defines operators of its own')
  const opset = readOpset(model)
  const constants = new Constants(graph, files)
  const input = graph.input.find(({ name }) => !constants.has(name))!
  const chain = chainOf(graph, constants)
  const notes: string[] = []
  const note = (text: string): void => void notes.push(text)
  const layers: Layer[] = []
  let shape = inputShape(input)
  for (const [i, node] of chain.entries()) {
    const reader = new NodeReader(node, { constants, opset, shape, last: i === chain.length - 1, note })
    shape = inNode(node, () => addLayer(layers, operatorOf(node), reader))
  }
  if (layers.length === 0) throw new OnnxError('the graph has no layer')
  return { net: new Sequential(...layers), notes }
}

const operatorOf = ({ opType }: NodeProto): Operator => operators.find(({ op }) => op === opType)!

/** Adds what a node is to the layers before it; gives the shape of what it computes. */
function addLayer(layers: Layer[], { read, merge }: Operator, node: NodeReader): KnownShape {
  const layer = merge === undefined ? read!(node) : merge(node, layers.at(-1))
  node.end()
  if (merge !== undefined) layers.pop()
  if (layer !== null) layers.push(layer)
  return layer === null || merge !== undefined ? node.shape : shapeAfter(layer, node.shape)
}

/** Names the node in what a layer refuses. */
function inNode<T>(node: NodeProto, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof OnnxError) throw error
    return refuse(node, (error as Error).message)
  }
}

/** The network alone. */
export const fromOnnx = (bytes: Uint8Array, files?: OtherFiles): Sequential => readOnnx(bytes, files).net

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
  const version = Number(opsetImport.find(({ domain }) => isStandard(domain))?.version ?? 0)
  const { first, last } = OPSETS
  if (version >= first && version <= last) return version
  throw new OnnxError(`the file uses version ${version} of the operators, expected ${first} to ${last}`)
}
