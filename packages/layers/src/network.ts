import { currentBackend } from '@handgrad/tensor'
import { type Chain, chainOf, samplesOf } from './engine/compile.ts'
import { isFloat32 } from './engine/plans.ts'
import type { Layer } from './layer.ts'
import { runsOwnCode } from './own-code.ts'

/**
 * A layer, or a Sequential.
 * @internal
 */
export type Network = Layer & { readonly layers?: readonly Layer[]; flat?(): Layer[] }

/**
 * The layers of a network in order, those of nested Sequentials too.
 * @internal
 */
export function layersOf(net: Network): readonly Layer[] {
  return runsOwnCode(net) ? [net] : (net.flat?.() ?? [net])
}

/**
 * Writes a whole network down as kernels for batches of `shape`; null where a layer has none, or is not float32.
 * `returns`: whether there is to be a way back.
 * @throws Error as `forward` would for an input of this shape.
 */
export function compileNetwork(net: Network, shape: readonly number[], returns: boolean): Chain | null {
  net.outputShape(shape)
  if (currentBackend() === 'reference' || hasOwnCode(net) || !isFloat32([net])) return null
  const layers = layersOf(net)
  const chain = layers.length === 0 ? null : samplesOf(layers, shape, returns)
  return chain !== null && chain.count === layers.length ? chain : null
}

/** True where a layer of the network, or the network itself, runs code of its own in place of its class's kernels. */
export function hasOwnCode(net: Network): boolean {
  return runsOwnCode(net) || (net.layers?.some(hasOwnCode) ?? false)
}

/** What runs one layer of a network. */
export interface LayerKernel {
  /** The layer with its sizes. */
  readonly layer: string
  /** Its kernel in a few words, or `reference`. */
  readonly kernel: string
}

/**
 * Which kernel each layer gets for inputs of `shape` from the backend in force.
 *
 * Planned as `forward` runs it: together with the layers behind it, as far as they have kernels, or on its own.
 * @throws Error as `forward` would for an input of this shape.
 */
export function kernelPlan(net: Network, shape: readonly number[]): LayerKernel[] {
  net.outputShape(shape)
  const layers = layersOf(net)
  const kernels: string[] = []
  let input = shape
  // What comes out of a float64 layer is float64 for those behind it too.
  const isPossible = currentBackend() !== 'reference' && isFloat32([net])
  while (kernels.length < layers.length) {
    const chain = isPossible ? planned(layers.slice(kernels.length), input) : null
    const here = layers.slice(kernels.length, kernels.length + (chain === null ? 1 : chain.count))
    const alone = input.length !== 4 && input.length !== 2 && chain?.input.value.rank !== input.length
    for (const layer of here) {
      kernels.push(chain === null ? 'reference' : alone ? 'on its own' : noteOf(chain, layer))
      input = layer.outputShape(input)
    }
  }
  return layers.map((layer, i) => ({ layer: layer.describe(), kernel: kernels[i] }))
}

function noteOf({ compiler }: Chain, layer: Layer): string {
  return compiler.notes.get(layer) ?? 'on its own'
}

function planned(layers: readonly Layer[], shape: readonly number[]): Chain | null {
  if (runsOwnCode(layers[0])) return null
  return chainOf(layers, shape, true) ?? chainOf(layers.slice(0, 1), shape, true)
}
