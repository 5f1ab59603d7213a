import { formatShape } from '@handgrad/tensor'
import type { NodeReader } from './node-reader.ts'

/** A number for each of the two axes of an image. */
export type Sides = readonly [vertical: number, horizontal: number]

/** What is of a line's one axis as an image's two: 1 for the other. */
export const asSides = (values: readonly number[]): Sides =>
  values.length === 1 ? [1, values[0]] : (values as [number, number])

/** The window of a convolution or a pool. */
export interface WindowSizes {
  readonly kernelSize: Sides
  readonly stride: Sides
  readonly dilation: Sides
}

/** Cells before and behind an image. */
export interface Padding {
  readonly begin: Sides
  readonly end: Sides
}

const autoPads = ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER']

/**
 * The padding of a node, by its `pads` or its `auto_pad`; `dilated` says whether SAME has a meaning with dilations. A line
 * has one of the two axes.
 */
export function readPadding(node: NodeReader, win: WindowSizes, dilated: boolean, axes: 1 | 2 = 2): Padding {
  const given = node.ints('pads', 2 * axes) ?? [0, 0, 0, 0]
  const [top, left, bottom, right] = given.length === 2 ? [0, given[0], 0, given[1]] : given
  const auto = node.text('auto_pad', 'NOTSET')
  if (!autoPads.includes(auto)) node.refuse(`auto_pad is ${auto}, expected ${autoPads.join(', ')}`)
  if (auto === 'NOTSET') return { begin: [top, left], end: [bottom, right] }
  // Some runtimes refuse both, others pass over one.
  if ([top, left, bottom, right].some((cells) => cells !== 0))
    node.refuse(`it has pads beside auto_pad ${auto}`)
  if (auto === 'VALID') return { begin: [0, 0], end: [0, 0] }
  if (!dilated && !sameSides(win.dilation, [1, 1]))
    node.refuse(
      `auto_pad is ${auto} with dilations ${formatShape(win.dilation.slice(-axes))}, which runtimes read differently`,
    )
  const totals = [0, 1].map((axis) => sameTotal(node, auto, win, axis, axes))
  const small = both((axis) => Math.floor(totals[axis] / 2))
  const large = both((axis) => Math.ceil(totals[axis] / 2))
  return auto === 'SAME_UPPER' ? { begin: small, end: large } : { begin: large, end: small }
}

const both = (of: (axis: number) => number): Sides => [of(0), of(1)]

/** So many cells that there is a window for every `stride` cells of the image. */
function sameTotal(
  node: NodeReader,
  auto: string,
  { kernelSize, stride, dilation }: WindowSizes,
  axis: number,
  axes: 1 | 2,
): number {
  const [reach, s] = [dilation[axis] * (kernelSize[axis] - 1) + 1, stride[axis]]
  if (s === 1) return reach - 1
  const extent =
    node.extents?.[axis] ??
    node.refuse(
      `auto_pad is ${auto} with strides ${formatShape(stride.slice(-axes))}: its padding depends on the image's extents, which the file does not say`,
    )
  return Math.max(0, (Math.ceil(extent / s) - 1) * s + reach - extent)
}

/**
 * How many windows there are on each axis of an image. With `ceil` the last may be partly outside, but none begins behind
 * the image.
 */
export function windows(
  extents: Sides,
  { kernelSize, stride, dilation }: WindowSizes,
  { begin, end }: Padding,
  ceil: boolean,
): Sides {
  return both((axis) => {
    const room = extents[axis] + begin[axis] + end[axis] - dilation[axis] * (kernelSize[axis] - 1) - 1
    const count = (ceil ? Math.ceil(room / stride[axis]) : Math.floor(room / stride[axis])) + 1
    return ceil && (count - 1) * stride[axis] >= extents[axis] + begin[axis] ? count - 1 : count
  })
}

/** Whether an image gets as many cells before it as behind. */
export const isEven = ({ begin, end }: Padding): boolean => begin.every((cells, axis) => cells === end[axis])

export const sameSides = (a: Sides, b: Sides): boolean => a[0] === b[0] && a[1] === b[1]

/** @throws OnnxError: no layer pads one side more than the other, but a convolution that keeps the extents. */
export const refusePadding = (node: NodeReader, { begin, end }: Padding, axes: 1 | 2 = 2): never => {
  const pads = [begin, end].flatMap((sides) => sides.slice(-axes))
  return node.refuse(`pads are [${pads.join(',')}]: padding that differs between the sides`)
}
