import { Linear } from '@handgrad/layers'
import { full, type Tensor, zeros } from '@handgrad/tensor'
import { OnnxError } from './error.ts'
import type { NodeReader } from './node-reader.ts'
import type { Operator } from './operator.ts'
import { unused, withParameters } from './parameters.ts'

/** [inFeatures, outFeatures] → [outFeatures, inFeatures]. */
function transpose(given: Tensor): Tensor {
  const [rows, columns] = given.shape
  const turned: Tensor = zeros([columns, rows], { dtype: given.dtype })
  for (const [i, value] of given.data.entries())
    turned.data[(i % columns) * rows + Math.floor(i / columns)] = value
  return turned
}

/** Gemm ↔ Linear. */
export const gemm: Operator = {
  op: 'Gemm',
  write(layer, shape) {
    if (!(layer instanceof Linear)) return null
    if (shape.length !== 2)
      throw new OnnxError(
        `${layer.describe()} gets ${shape.length} axes, ONNX's Gemm takes 2: put a Flatten before it`,
      )
    return {
      op: 'Gemm',
      attributes: { transB: 1 },
      constants: layer.namedParameters(),
    }
  },
  read(node) {
    node.only('alpha', 1, 'float')
    node.only('beta', 1, 'float')
    node.only('transA', 0)
    node.takesAxes(2)
    const given = node.constant('weight', 2)
    return linear(node, node.int('transB', 0) !== 0 ? given : transpose(given))
  },
}

/** MatMul → Linear without bias, as PyTorch exports it. */
export const matMul: Operator = {
  op: 'MatMul',
  read: (node) => linear(node, transpose(node.constant('weight', 2))),
}

/** Add → the bias of the Linear before it. */
export const add: Operator = {
  op: 'Add',
  merge(node, before) {
    if (!(before instanceof Linear) || before.bias !== null)
      return node.refuse('expected a MatMul without a bias before it')
    return linear(node, before.weight)
  },
}

/** The layer with the next input as its bias, where there is one. */
function linear(node: NodeReader, weight: Tensor): Linear {
  const [outFeatures, inFeatures] = weight.shape
  const given = node.optional('bias')
  const bias = given === null ? null : spread(node, given, outFeatures)
  const options = { bias: bias !== null, ...unused(weight.dtype) }
  return withParameters(new Linear(inFeatures, outFeatures, options), weight, bias)
}

/** A bias for all images, as ONNX broadcasts it. */
function spread(node: NodeReader, given: Tensor, features: number): Tensor {
  const { shape, data, dtype } = given
  // mutant: logical `shape.at(-1) ?? 1` → `((shape.at(-1)) || 1)` is equivalent because a bias without elements is refused either way
  const row = shape.at(-1) ?? 1
  if (shape.length > 2 || data.length !== row || (row !== features && row !== 1))
    node.refuse(`its bias has the shape [${shape.join(',')}], expected [${features}]`)
  return row === features ? given.reshape([features]) : full([features], data[0], { dtype })
}
