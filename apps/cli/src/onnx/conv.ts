import { Conv2d } from '@handgrad/layers'
import { formatShape, resolveWindow } from '@handgrad/tensor'
import type { NodeReader } from './node-reader.ts'
import type { Operator } from './operator.ts'
import { readPads, refusePads, type Sides, sameSides } from './pads.ts'
import { unused, withParameters } from './parameters.ts'

/** Conv ↔ Conv2d. */
export const conv: Operator = {
  op: 'Conv',
  write(layer, [, , H, W]) {
    if (!(layer instanceof Conv2d)) return null
    const { kernelSize, stride, dilation, groups } = layer
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
    const [outChannels, perGroup, ...kernel] = weight.shape
    const kernelSize = node.ints('kernel_shape', kernel) as [number, number]
    if (!sameSides(kernelSize, kernel as [number, number]))
      node.refuse(`kernel_shape is ${formatShape(kernelSize)}, its weight has ${formatShape(kernel)}`)
    const stride = node.ints('strides', [1, 1]) as [number, number]
    const dilation = node.ints('dilations', [1, 1]) as [number, number]
    const groups = node.int('group', 1)
    const padding = readConvPadding(node, { kernelSize, stride, dilation })
    const options = { stride, padding, dilation, groups, bias: bias !== null, ...unused(weight.dtype) }
    return withParameters(new Conv2d(perGroup * groups, outChannels, kernelSize, options), weight, bias)
  },
}

function readConvPadding(
  node: NodeReader,
  { kernelSize, stride, dilation }: { kernelSize: Sides; stride: Sides; dilation: Sides },
): Sides | 'same' | 'valid' {
  const { begin, end } = readPads(node)
  const auto = node.text('auto_pad', 'NOTSET')
  if (auto === 'VALID') return 'valid'
  const plain = stride.every((step) => step === 1)
  if (auto === 'SAME_UPPER' && plain) return 'same'
  if (auto !== 'NOTSET')
    node.refuse(`auto_pad is ${auto} with strides ${formatShape(stride)}, which no layer has`)
  if (sameSides(begin, end)) return begin
  const total = kernelSize.map((k, axis) => dilation[axis] * (k - 1))
  const half = total.map((cells) => Math.floor(cells / 2)) as [number, number]
  const rest: Sides = [total[0] - half[0], total[1] - half[1]]
  if (plain && sameSides(begin, half) && sameSides(end, rest)) return 'same'
  return refusePads(node, { begin, end })
}
