import type { NodeReader } from './node-reader.ts'

/** A number for each of the two axes of an image. */
export type Sides = readonly [vertical: number, horizontal: number]

/** Top, left, bottom, right, as both windows have them. */
export function readPads(node: NodeReader): { begin: Sides; end: Sides } {
  const [top, left, bottom, right] = node.ints('pads', [0, 0, 0, 0])
  return { begin: [top, left], end: [bottom, right] }
}

export const sameSides = (a: Sides, b: Sides): boolean => a[0] === b[0] && a[1] === b[1]

/** @throws OnnxError: no layer pads one side more than the other, but a convolution that keeps the extents. */
export const refusePads = (node: NodeReader, { begin, end }: { begin: Sides; end: Sides }): never =>
  node.refuse(`pads are [${[...begin, ...end].join(',')}]: padding that differs between the sides`)
