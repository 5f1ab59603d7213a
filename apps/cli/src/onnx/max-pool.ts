import { MaxPool2d } from '@handgrad/layers'
import type { Operator } from './operator.ts'
import { readPads, refusePads, sameSides } from './pads.ts'

/** MaxPool ↔ MaxPool2d. */
export const maxPool: Operator = {
  op: 'MaxPool',
  write(layer) {
    if (!(layer instanceof MaxPool2d)) return null
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
    const kernelSize = node.ints('kernel_shape', [0, 0]) as [number, number]
    const stride = node.ints('strides', [1, 1]) as [number, number]
    const dilation = node.ints('dilations', [1, 1]) as [number, number]
    const { begin, end } = readPads(node)
    if (!sameSides(begin, end)) refusePads(node, { begin, end })
    const auto = node.text('auto_pad', 'NOTSET')
    if (auto !== 'NOTSET' && auto !== 'VALID') node.refuse(`auto_pad is ${auto}, which no layer has`)
    const padding = auto === 'VALID' ? 0 : begin
    const ceilMode = node.int('ceil_mode', 0) !== 0
    node.only('storage_order', 0)
    return new MaxPool2d(kernelSize, { stride, padding, dilation, ceilMode })
  },
}
