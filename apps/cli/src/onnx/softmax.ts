import type { NodeReader } from './node-reader.ts'
import type { Operator } from './operator.ts'

/** Softmax and LogSoftmax → nothing: the loss has its own, and the largest logit is the largest probability. */
const atTheEnd = (op: string): Operator => ({
  op,
  read(node: NodeReader) {
    if (!node.last) node.refuse('it is read only as the last node')
    node.takesAxes(2)
    // The default is the first of these before version 13, and the second since: of two axes the same.
    const axis = node.int('axis', 1)
    if (axis !== 1 && axis !== -1) node.refuse(`axis is ${axis}, expected 1 or -1`)
    node.note(`the ${op} at the end is left off: the network gives logits`)
    return null
  },
})

export const softmax: Operator = atTheEnd('Softmax')
export const logSoftmax: Operator = atTheEnd('LogSoftmax')
