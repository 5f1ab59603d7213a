import type { Layer } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'
import { OnnxError } from './error.ts'
import type { NodeReader } from './node-reader.ts'

/** A layer as a node: ONNX's operator, its attributes, and the constants behind its first input. */
export interface NodeParts {
  readonly op: string
  /** The version of the operators that it needs, where that is not the usual one. */
  readonly opset?: number
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>
  readonly constants?: readonly (readonly [name: string, value: Tensor])[]
}

/** One operator that is written, read, or both. */
export interface Operator {
  readonly op: string
  /** The layer as a node for inputs of `shape`, [N, …]; null for a layer of another kind. */
  readonly write?: (layer: Layer, shape: readonly number[]) => NodeParts | null
  /** The layer that a node is; null where it is none. */
  readonly read?: (node: NodeReader) => Layer | null
  /** The layer that a node and the one before it are together. */
  readonly merge?: (node: NodeReader, before: Layer | undefined) => Layer
}

/** @throws OnnxError for a layer that reads a batch in another way than ONNX's operator would. */
export function writesAxes(layer: Layer, shape: readonly number[], op: string, expected: number): void {
  if (shape.length === expected) return
  throw new OnnxError(`${layer.describe()} gets ${shape.length} axes, ONNX's ${op} takes ${expected} here`)
}
