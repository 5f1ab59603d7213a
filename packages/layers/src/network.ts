import { type Cell, Compiler, currentBackend, type Value } from '@handgrad/tensor'
import { hasKernel } from './kernels.ts'
import type { Layer } from './layer.ts'
import { runsOwnCode } from './own-code.ts'

/** Images that go through a whole network at a time: their activations stay in the first two caches. */
const MICRO = 8

/** A network on its way to being a program: the loss and the way back are still to be written down. */
export interface NetworkPlan {
  readonly compiler: Compiler
  /** Images [N,C,H,W] or rows [N,F]. */
  readonly input: Cell
  readonly output: Value
}

/** How a batch of `shape` is read: [N,C,H,W] or [N,F]. */
function imagesOf(
  shape: readonly number[],
): { N: number; C: number; H: number; W: number; flat: boolean } | null {
  const [N, C, H, W] = shape
  if (shape.length === 4) return { N: N, C: C, H: H, W: W, flat: false }
  return shape.length === 2 ? { N: N, C: C, H: 1, W: 1, flat: true } : null
}

/**
 * Writes a network down as kernels for batches of `shape`; null where a layer has none, or is not float32.
 * @throws Error as `forward` would for an input of this shape.
 */
export function compileNetwork(
  net: Layer,
  shape: readonly number[],
  { training, inputGrad = false }: { training: boolean; inputGrad?: boolean },
): NetworkPlan | null {
  const images = imagesOf(shape)
  net.outputShape(shape)
  if (currentBackend() === 'reference' || images === null || images.N === 0 || !isFloat32(net)) return null
  if (hasOwnCode(net)) return null
  const { N, C, H, W, flat } = images
  const compiler = new Compiler(N, MICRO, training)
  const { cells, value } = compiler.input(C, H, W, net.kernelWish(C, H, W), inputGrad, flat)
  const made = net.compile(value, compiler, [])
  return made === null ? null : { compiler, input: cells, output: made.value }
}

/** True where a layer of the network, or the network itself, runs code of its own in place of its class's kernels. */
export function hasOwnCode(net: Layer & { readonly layers?: readonly Layer[] }): boolean {
  return runsOwnCode(net) || (net.layers?.some(hasOwnCode) ?? false)
}

function isFloat32(net: Layer): boolean {
  return net.parameters().every(({ dtype }) => dtype === 'float32')
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
 * Planned as a whole, as the trainer runs it; where that is not possible, each layer on its own.
 * @throws Error as `forward` would for an input of this shape.
 */
export function kernelPlan(net: Layer & { flat?(): Layer[] }, shape: readonly number[]): LayerKernel[] {
  const layers = net.flat?.() ?? [net]
  const whole = compileNetwork(net, shape, { training: true })
  // What comes out of a float64 layer is float64 for those behind it too.
  const narrow = isFloat32(net)
  let input = shape
  return layers.map((layer) => {
    const alone = narrow && hasKernel(layer, input) ? 'on its own' : 'reference'
    const kernel = whole?.compiler.notes.get(layer) ?? alone
    input = layer.outputShape(input)
    return { layer: layer.describe(), kernel }
  })
}
