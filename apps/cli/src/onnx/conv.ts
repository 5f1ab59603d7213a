import { Conv1d, Conv2d, type Layer } from '@handgrad/layers'
import { formatShape, resolveLine, resolveWindow, type Tensor, type Window } from '@handgrad/tensor'
import type { NodeReader } from './node-reader.ts'
import { type NodeParts, type Operator, writesAxes } from './operator.ts'
import {
  asSides,
  isEven,
  readPadding,
  refusePadding,
  type Sides,
  sameSides,
  type WindowSizes,
  windows,
} from './pads.ts'
import { unused, withParameters } from './parameters.ts'

/** Conv ↔ Conv2d, and Conv1d where its weight has one axis less. */
export const conv: Operator = {
  op: 'Conv',
  write(layer, shape) {
    if (layer instanceof Conv1d) {
      writesAxes(layer, shape, 'Conv', 3)
      return nodeOf(layer, resolveLine(shape[2], layer), 1)
    }
    if (!(layer instanceof Conv2d)) return null
    writesAxes(layer, shape, 'Conv', 4)
    // mutant: swapped arguments `shape[2], shape[3]` → `shape[3], shape[2]` is equivalent because no padding depends on the extents
    return nodeOf(layer, resolveWindow(shape[2], shape[3], layer), 2)
  },
  read(node) {
    const weight = node.constant('weight', 4, 3)
    const bias = node.optional('bias', 1)
    return weight.shape.length === 3 ? lineOf(node, weight, bias) : imageOf(node, weight, bias)
  },
}

/** `axes` are those of its window. */
function nodeOf(layer: Conv1d | Conv2d, win: Window, axes: 1 | 2): NodeParts {
  const { Kh, Kw, sh, sw, dh, dw, ph, pw } = win
  const same = [dh * (Kh - 1), dw * (Kw - 1)]
  const [bottom, right] = layer.padding === 'same' ? [same[0] - ph, same[1] - pw] : [ph, pw]
  const own = (...sides: Sides): readonly number[] => sides.slice(-axes)
  return {
    op: 'Conv',
    attributes: {
      kernel_shape: own(Kh, Kw),
      strides: own(sh, sw),
      pads: [...own(ph, pw), ...own(bottom, right)],
      dilations: own(dh, dw),
      group: layer.groups,
    },
    constants: layer.namedParameters(),
  }
}

function imageOf(node: NodeReader, weight: Tensor, bias: Tensor | null): Layer {
  const { inChannels, outChannels, kernelSize, padding, ...rest } = readConv(node, weight, 2)
  const options = { ...rest, padding, bias: bias !== null, ...unused(weight.dtype) }
  return withParameters(new Conv2d(inChannels, outChannels, kernelSize, options), weight, bias)
}

function lineOf(node: NodeReader, weight: Tensor, bias: Tensor | null): Layer {
  const { inChannels, outChannels, kernelSize, padding, stride, dilation, groups } = readConv(node, weight, 1)
  const around = padding === 'same' ? padding : padding[1]
  const window = { stride: stride[1], padding: around, dilation: dilation[1], groups }
  const options = { ...window, bias: bias !== null, ...unused(weight.dtype) }
  return withParameters(new Conv1d(inChannels, outChannels, kernelSize[1], options), weight, bias)
}

/** What a node says of its channels and its window; that of a line is one of an image of one row. */
interface Read extends WindowSizes {
  readonly inChannels: number
  readonly outChannels: number
  readonly groups: number
  readonly padding: Sides | 'same'
}

function readConv(node: NodeReader, weight: Tensor, axes: 1 | 2): Read {
  node.takesAxes(2 + axes)
  const [outChannels, perGroup, ...taps] = weight.shape
  const own = asSides(taps)
  const kernelSize = node.sides('kernel_shape', own, axes)
  if (!sameSides(kernelSize, own)) {
    const [came, expected] = [kernelSize, own].map((sides) => formatShape(sides.slice(-axes)))
    node.refuse(`kernel_shape is ${came}, its weight has ${expected}`)
  }
  const stride = node.sides('strides', [1, 1], axes)
  const dilation = node.sides('dilations', [1, 1], axes)
  const groups = node.int('group', 1)
  const win = { kernelSize, stride, dilation }
  const padding = readConvPadding(node, win, axes)
  return { ...win, inChannels: perGroup * groups, outChannels, groups, padding }
}

/** Our padding is the same on both sides, or `same`, which has the odd cell behind the image, as SAME_UPPER. */
function readConvPadding(node: NodeReader, win: WindowSizes, axes: 1 | 2): Sides | 'same' {
  const plain = sameSides(win.stride, [1, 1])
  const padding = readPadding(node, win, plain, axes)
  const { begin, end } = padding
  if (isEven(padding)) return begin
  const total = win.kernelSize.map((k, axis) => win.dilation[axis] * (k - 1))
  const half = total.map((cells) => Math.floor(cells / 2)) as [number, number]
  const rest: Sides = [total[0] - half[0], total[1] - half[1]]
  // mutant: swapped arguments is equivalent because both ways say whether two paddings are the same
  if (plain && sameSides(begin, half) && sameSides(end, rest)) return 'same'
  const { extents } = node
  if (extents === null) return refusePadding(node, padding, axes)
  // Cells behind the image that no window reaches may be there or not.
  const wanted = windows(extents, win, padding, false)
  if (sameSides(wanted, windows(extents, win, { begin, end: begin }, false))) return begin
  return refusePadding(node, padding, axes)
}
