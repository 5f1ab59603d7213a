import { Dropout, Flatten, ReLU } from '@handgrad/layers'
import { Tensor } from '@handgrad/tensor'
import { conv } from './conv.ts'
import { OnnxError } from './error.ts'
import { gemm, matMul } from './gemm.ts'
import { maxPool } from './max-pool.ts'
import type { Operator } from './operator.ts'

const relu: Operator = {
  op: 'Relu',
  write: (layer) => (layer instanceof ReLU ? { op: 'Relu' } : null),
  read: () => new ReLU(),
}

const flatten: Operator = {
  op: 'Flatten',
  write(layer, shape) {
    if (!(layer instanceof Flatten)) return null
    const last = layer.endDim === -1 || layer.endDim === shape.length - 1
    if (layer.startDim !== 1 || !last)
      throw new OnnxError(
        `${layer.describe()}: ONNX's Flatten joins all axes behind the first, so only Flatten(1, -1) is written`,
      )
    return { op: 'Flatten', attributes: { axis: 1 } }
  },
  read(node) {
    node.only('axis', 1)
    return new Flatten()
  },
}

/** The identity when it runs; kept, so that the layers behind it keep their numbers. */
const dropout: Operator = {
  op: 'Dropout',
  write(layer) {
    if (!(layer instanceof Dropout)) return null
    return { op: 'Dropout', constants: [['ratio', new Tensor(Float64Array.of(layer.p), [])]] }
  },
  read(node, opset) {
    // It became an input in version 12; a seed is without effect when nothing is drawn.
    const ratio = opset < 12 ? node.float('ratio', 0.5) : (node.optional('ratio', 0)?.item() ?? 0.5)
    node.int('seed', 0)
    return new Dropout(ratio)
  },
}

/** All that is written and read. */
export const operators: readonly Operator[] = [conv, maxPool, gemm, matMul, relu, flatten, dropout]
