import type { Rank } from '@handgrad/tensor'
import type { Layer } from '../layer.ts'

/**
 * An input as N images, and how many axes it has as a batch.
 * @internal
 */
export interface ImageShape {
  N: number
  C: number
  H: number
  W: number
  rank: Rank
}

/**
 * Whether layers one behind the other read [N,C,L] as a batch of lines: the first that reads them in some way says it. Null
 * where none does.
 * @internal
 */
export function readLines(layers: readonly Layer[]): boolean | null {
  return layers.map(({ readsLines }) => readsLines).find((reads) => reads !== null) ?? null
}

/**
 * How layers that are written down together read a batch of `shape`: [N,C,H,W], rows [N,F], or lines [N,C,L] where they are
 * for such; null for other ranks, and for one image [C,H,W].
 * @internal
 */
export function batchOf(layers: readonly Layer[], shape: readonly number[]): ImageShape | null {
  const [N, C, H, W] = shape
  if (shape.length === 4) return { N, C, H, W, rank: 4 }
  if (shape.length === 3) return readLines(layers) === true ? { N, C, H: 1, W: H, rank: 3 } : null
  return shape.length === 2 ? { N, C, H: 1, W: 1, rank: 2 } : null
}
