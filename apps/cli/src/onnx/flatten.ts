import { Flatten } from '@handgrad/layers'
import { OnnxError } from './error.ts'
import type { NodeReader } from './node-reader.ts'
import type { Operator } from './operator.ts'
import { sampleSize } from './shapes.ts'

/** Flatten ↔ Flatten(1, -1). */
export const flatten: Operator = {
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
    const given = node.int('axis', 1)
    // From the end since version 11.
    const axis = given < 0 && node.since(11) && node.shape !== null ? given + node.shape.length : given
    if (axis !== 1) node.refuse(`axis is ${given}, expected 1`)
    return new Flatten()
  },
}

/** Reshape → Flatten, where that is what it does. */
export const reshape: Operator = {
  op: 'Reshape',
  read(node) {
    const target = node.whole('shape')
    const zeroCopies = !node.since(14) || node.int('allowzero', 0) === 0
    if (!flattens(node, target, zeroCopies)) {
      const size = sampleSize(node.shape)
      node.refuse(`its shape is [${target.join(',')}], expected [${size === null ? '0,-1' : `-1,${size}`}]`)
    }
    return new Flatten()
  },
}

function flattens(node: NodeReader, target: readonly number[], zeroCopies: boolean): boolean {
  const [images, rest] = target
  if (target.length !== 2) return false
  if (images === 0) return zeroCopies && rest !== 0
  const size = sampleSize(node.shape)
  if (size === null)
    node.refuse(
      `its shape is [${target.join(',')}]: what it joins depends on the image's extents, which the file does not say`,
    )
  return images === -1 ? rest === size : images === node.shape![0] && (rest === -1 || rest === size)
}
