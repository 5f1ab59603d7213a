import { Linear } from '@handgrad/layers'
import { type Tensor, zeros } from '@handgrad/tensor'
import { OnnxError } from './error.ts'
import type { Operator } from './operator.ts'
import { unused, withParameters } from './parameters.ts'

/** [inFeatures, outFeatures] → [outFeatures, inFeatures]. */
function transpose(given: Tensor): Tensor {
  const [rows, columns] = given.shape
  const turned: Tensor = zeros([columns, rows], { dtype: given.dtype })
  for (let i = 0; i < given.data.length; i++)
    turned.data[(i % columns) * rows + Math.floor(i / columns)] = given.data[i]
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
    const given = node.constant('weight', 2)
    const bias = node.optional('bias', 1)
    return linear(node.int('transB', 0) !== 0 ? given : transpose(given), bias)
  },
}

/** MatMul → Linear without bias, as PyTorch exports it. */
export const matMul: Operator = {
  op: 'MatMul',
  write: () => null,
  read: (node) => linear(transpose(node.constant('weight', 2)), null),
}

function linear(weight: Tensor, bias: Tensor | null): Linear {
  const [outFeatures, inFeatures] = weight.shape
  const options = { bias: bias !== null, ...unused(weight.dtype) }
  return withParameters(new Linear(inFeatures, outFeatures, options), weight, bias)
}
