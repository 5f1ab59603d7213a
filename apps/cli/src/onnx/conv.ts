import { Conv2d } from '@handgrad/layers'
import { formatShape, resolveWindow } from '@handgrad/tensor'
import type { NodeReader } from './node-reader.ts'
import type { Operator } from './operator.ts'
import {
  isEven,
  readPadding,
  refusePadding,
  type Sides,
  sameSides,
  type WindowSizes,
  windows,
} from './pads.ts'
import { unused, withParameters } from './parameters.ts'

/** Conv ↔ Conv2d. */
export const conv: Operator = {
  op: 'Conv',
  write(layer, [, , H, W]) {
    if (!(layer instanceof Conv2d)) return null
    const { kernelSize, stride, dilation, groups } = layer
    // mutant: swapped arguments `H, W` → `W, H` is equivalent because no padding depends on the extents
    const { ph, pw } = resolveWindow(H, W, layer)
    const same = kernelSize.map((k, axis) => dilation[axis] * (k - 1))
    const [bottom, right] = layer.padding === 'same' ? [same[0] - ph, same[1] - pw] : [ph, pw]
    return {
      op: 'Conv',
      attributes: {
        kernel_shape: kernelSize,
        strides: stride,
        pads: [ph, pw, bottom, right],
        dilations: dilation,
        group: groups,
      },
      constants: layer.namedParameters(),
    }
  },
  read(node) {
    const weight = node.constant('weight', 4)
    const bias = node.optional('bias', 1)
    const [outChannels, perGroup, Kh, Kw] = weight.shape
    const kernelSize = node.pair('kernel_shape', [Kh, Kw])
    if (!sameSides(kernelSize, [Kh, Kw]))
      node.refuse(`kernel_shape is ${formatShape(kernelSize)}, its weight has ${formatShape([Kh, Kw])}`)
    const stride = node.pair('strides', [1, 1])
    const dilation = node.pair('dilations', [1, 1])
    const groups = node.int('group', 1)
    const padding = readConvPadding(node, { kernelSize, stride, dilation })
    const options = { stride, padding, dilation, groups, bias: bias !== null, ...unused(weight.dtype) }
    return withParameters(new Conv2d(perGroup * groups, outChannels, kernelSize, options), weight, bias)
  },
}

/** Our padding is the same on both sides, or `same`, which has the odd cell behind the image, as SAME_UPPER. */
function readConvPadding(node: NodeReader, win: WindowSizes): Sides | 'same' {
  const plain = sameSides(win.stride, [1, 1])
  const padding = readPadding(node, win, plain)
  const { begin, end } = padding
  if (isEven(padding)) return begin
  const total = win.kernelSize.map((k, axis) => win.dilation[axis] * (k - 1))
  const half = total.map((cells) => Math.floor(cells / 2)) as [number, number]
  const rest: Sides = [total[0] - half[0], total[1] - half[1]]
  // mutant: swapped arguments is equivalent because both ways say whether two paddings are the same
  if (plain && sameSides(begin, half) && sameSides(end, rest)) return 'same'
  const { extents } = node
  if (extents === null) return refusePadding(node, padding)
  // Cells behind the image that no window reaches may be there or not.
  const wanted = windows(extents, win, padding, false)
  if (sameSides(wanted, windows(extents, win, { begin, end: begin }, false))) return begin
  return refusePadding(node, padding)
}
