import type { Tensor } from '@handgrad/tensor'

/** What the kernels know of a convolution, besides its window. */
export interface Convolution {
  readonly inChannels: number
  readonly outChannels: number
  readonly groups: number
  /** [outChannels, inChannels/groups, Kh, Kw]; an axis of 1 may be left out. */
  readonly weight: Tensor
  readonly bias: Tensor | null
  parameters(): Tensor[]
}
