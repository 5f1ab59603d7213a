/**
 * An input as N images.
 * @internal
 */
export interface ImageShape {
  N: number
  C: number
  H: number
  W: number
  flat: boolean
}

/**
 * How layers that are written down together read a batch of `shape`: [N,C,H,W] or rows [N,F]; null for other ranks.
 * @internal
 */
export function batchOf(shape: readonly number[]): ImageShape | null {
  const [N, C, H, W] = shape
  if (shape.length === 4) return { N, C, H, W, flat: false }
  return shape.length === 2 ? { N, C, H: 1, W: 1, flat: true } : null
}
