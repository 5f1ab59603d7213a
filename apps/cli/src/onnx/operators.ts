import { Dropout, ReLU } from '@handgrad/layers'
import { Tensor } from '@handgrad/tensor'
import { conv } from './conv.ts'
import { flatten, reshape } from './flatten.ts'
import { add, gemm, matMul } from './gemm.ts'
import { maxPool } from './max-pool.ts'
import type { NodeReader } from './node-reader.ts'
import type { Operator } from './operator.ts'
import { logSoftmax, softmax } from './softmax.ts'

const relu: Operator = {
  op: 'Relu',
  write: (layer) => (layer instanceof ReLU ? { op: 'Relu' } : null),
  read: () => new ReLU(),
}

/** The identity when it runs; kept, so that the layers behind it keep their numbers. */
const dropout: Operator = {
  op: 'Dropout',
  write(layer) {
    if (!(layer instanceof Dropout)) return null
    return { op: 'Dropout', constants: [['ratio', new Tensor(Float64Array.of(layer.p), [])]] }
  },
  // Both became inputs in version 12; a seed is without effect when nothing is drawn.
  read: (node) => new Dropout(node.since(12) ? ratioOf(node) : node.float('ratio', 0.5)),
}

/** Undefined where it is left out: ONNX's default is the layer's. */
function ratioOf(node: NodeReader): number | undefined {
  const ratio = node.optional('ratio', 0)?.item()
  const training = node.optionalWhole('training_mode') ?? [0]
  if (training.length !== 1 || training[0] !== 0)
    node.refuse('it is in training mode, expected training_mode false')
  node.ignore('seed')
  return ratio
}

/** All that is written and read. */
export const operators: readonly Operator[] = [
  conv,
  maxPool,
  gemm,
  matMul,
  add,
  relu,
  flatten,
  reshape,
  dropout,
  softmax,
  logSoftmax,
]
