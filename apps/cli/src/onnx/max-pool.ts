import { MaxPool2d } from '@handgrad/layers'
import type { NodeReader } from './node-reader.ts'
import { type Operator, writesAxes } from './operator.ts'
import {
  isEven,
  type Padding,
  readPadding,
  refusePadding,
  sameSides,
  type WindowSizes,
  windows,
} from './pads.ts'

/** MaxPool ↔ MaxPool2d. */
export const maxPool: Operator = {
  op: 'MaxPool',
  write(layer, shape) {
    if (!(layer instanceof MaxPool2d)) return null
    writesAxes(layer, shape, 'MaxPool', 4)
    const { kernelSize, stride, padding, dilation, ceilMode } = layer
    return {
      op: 'MaxPool',
      // Only this version says that no window starts in the padding behind the image, as torch's do not.
      ...(ceilMode && { opset: 22 }),
      attributes: {
        kernel_shape: kernelSize,
        strides: stride,
        pads: [...padding, ...padding],
        dilations: dilation,
        ceil_mode: Number(ceilMode),
      },
    }
  },
  read(node) {
    const kernelSize = node.sides('kernel_shape')
    const stride = node.sides('strides', [1, 1])
    const dilation = node.since(10) ? node.sides('dilations', [1, 1]) : ([1, 1] as const)
    node.takesAxes(4)
    const ceil = node.since(10) && node.int('ceil_mode', 0) !== 0
    // The order of the second output, which no one reads.
    if (node.since(8)) node.ignore('storage_order')
    const win = { kernelSize, stride, dilation }
    // onnxruntime leaves the dilation out of its padding, the specification does not.
    const padding = readPadding(node, win, false)
    const ceilMode = isEven(padding) ? ceil : ceilModeFor(node, win, padding, ceil)
    return new MaxPool2d(kernelSize, { stride, padding: padding.begin, dilation, ceilMode })
  },
}

/** Cells behind the image never win: they only say how many windows there are, as `ceilMode` does. */
function ceilModeFor(node: NodeReader, win: WindowSizes, padding: Padding, ceil: boolean): boolean {
  const { extents } = node
  if (extents === null) return refusePadding(node, padding)
  const wanted = windows(extents, win, padding, ceil)
  const { begin } = padding
  const found = [ceil, !ceil].find((mode) =>
    sameSides(wanted, windows(extents, win, { begin, end: begin }, mode)),
  )
  return found ?? refusePadding(node, padding)
}
