import type { Layer } from '@handgrad/layers'
import { type FloatDType, Generator, type Tensor } from '@handgrad/tensor'

/** Initial values are drawn and thrown away: from a generator of their own, so that no other draw moves. */
export const unused = (dtype: FloatDType): { dtype: FloatDType; generator: Generator } => ({
  dtype,
  generator: new Generator(),
})

/** `layer` with the values of a file. */
export function withParameters<T extends Layer>(layer: T, weight: Tensor, bias: Tensor | null): T {
  return layer.loadStateDict(bias === null ? { weight } : { weight, bias })
}
