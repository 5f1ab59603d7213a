import type { Layer } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'

/** One pass of a layer by the library itself, both ways. */
export function pass(layer: Layer, x: Tensor, dy: Tensor): { y: Tensor; dx: Tensor } {
  const input = x.clone()
  const y = layer.forward(input)
  y.g = dy
  layer.bwd()
  return { y, dx: input.g! }
}
