import type { Sequential } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'

/** A number that is not finite came up: the run ends, and what was saved before stays. */
export class NotFiniteError extends Error {
  override readonly name = 'NotFiniteError'
}

const isFinite = (tensor: Tensor): boolean => tensor.data.every((value) => Number.isFinite(value))

/** The layer at the head of a parameter's name, as messages say it: `layer 3, Conv2d(8→16, 3×3)`. */
function layerOf(net: Sequential, name: string): string {
  const index = Number.parseInt(name, 10)
  const layer = net.layers[index]
  return layer === undefined ? 'the network' : `layer ${index}, ${layer.describe()}`
}

/**
 * The parameter or buffer, nearest to the loss, with an element that is not finite, in words; null when there is none. The
 * way back starts at the loss, so a gradient that went wrong on it spoils this one first.
 */
export function badParameter(net: Sequential): string | null {
  const found = Object.entries(net.stateDict()).findLast(([, tensor]) => !isFinite(tensor))
  return found === undefined ? null : `${found[0]} of ${layerOf(net, found[0])}`
}

/** Up to so many elements a gradient is looked at after every step: each layer's bias, in which all of its gradient meets. */
const SMALL = 1024

/** The same of the gradients, which is null too where all small ones are finite. */
export function badGradient(net: Sequential): string | null {
  const gradients = net.namedParameters().flatMap(([name, { g }]) => (g === null ? [] : [{ name, g }]))
  if (gradients.every(({ g }) => g.data.length > SMALL || isFinite(g))) return null
  const { name } = gradients.findLast(({ g }) => !isFinite(g))!
  return `the gradient of ${name} of ${layerOf(net, name)}`
}

/** The first tensor that is not finite when `x` goes through the network once more, in words. */
export function firstBad(net: Sequential, x: Tensor): string {
  const parameter = badParameter(net)
  if (parameter !== null) return parameter
  if (!isFinite(x)) return 'the images'
  let value = x
  for (const [index, layer] of net.layers.entries()) {
    value = layer.forward(value)
    if (!isFinite(value)) return `the output of layer ${index}, ${layer.describe()}`
  }
  return 'the loss itself'
}
