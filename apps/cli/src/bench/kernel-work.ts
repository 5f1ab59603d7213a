import { Conv2d, type Sequential } from '@handgrad/layers'

/** What one call of a kernel does, where it is known. */
export interface Work {
  readonly role: string
  readonly operations: number | null
  readonly bytes: number | null
}

/** A convolution's operations and bytes per image. */
interface Convolution {
  readonly name: string
  readonly operations: number
  readonly bytes: number
}

function convolutions(net: Sequential): Convolution[] {
  let shape: readonly number[] = [1, 1, 28, 28]
  return net.flat().flatMap((layer) => {
    const [, Ci, H, W] = shape
    shape = layer.outputShape(shape)
    if (!(layer instanceof Conv2d)) return []
    const [, Co, Ho, Wo] = shape
    const [, , Kh, Kw] = layer.weight.shape
    const operations = 2 * Co * Ho * Wo * Ci * Kh * Kw
    return [{ name: `${Ci}→${Co}, ${Kh}×${Kw}`, operations, bytes: 4 * (Ci * H * W + Co * Ho * Wo) }]
  })
}

/**
 * Tells the work of kernels from their names and arguments, call after call. The kernels of convolutions do not say their
 * sizes: forwards they come in the network's order, backwards in the reverse, and the first one has no gradient of x.
 */
export class WorkTeller {
  readonly #orders: Readonly<Record<string, readonly Convolution[]>>
  readonly #next: Record<string, number> = { forward: 0, dw: 0, dx: 0 }
  readonly #images: number

  /** `images` of a micro-batch. */
  constructor(net: Sequential, images: number) {
    const forward = convolutions(net)
    this.#orders = { forward, dw: forward.toReversed(), dx: forward.slice(1).toReversed() }
    this.#images = images
  }

  tell(kernel: string, args: readonly number[]): Work {
    const way = /conv2d_\w*?(forward|dw|dx)$/.exec(kernel)?.[1]
    if (way !== undefined) return this.#convolution(way)
    const known = byArguments[kernel]
    return known === undefined ? { role: '', operations: null, bytes: null } : known(args)
  }

  #convolution(way: string): Work {
    const order = this.#orders[way]
    const { name, operations, bytes } = order[this.#next[way]++ % order.length]
    return { role: name, operations: operations * this.#images, bytes: bytes * this.#images }
  }
}

/** Kernels whose arguments say their sizes: see their sources. */
const byArguments: Readonly<Record<string, (args: readonly number[]) => Work>> = {
  'tensor/gemm': (args) => matrices(args[7], args[8], args[9]),
  'layers/linear_forward': ([count, O, F]) => matrices(count, F, O),
  'tensor/image_in': ([, , count, C, H, W]) => moved(8 * count * C * H * W),
  'tensor/clear': ([, count, bytes]) => moved(count * bytes),
  'tensor/gather': ([, , , length]) => moved(12 * length),
}

const matrices = (R: number, K: number, F: number): Work => ({
  role: `${R}×${K} · ${K}×${F}`,
  operations: 2 * R * K * F,
  bytes: 4 * (R * K + K * F + R * F),
})

const moved = (bytes: number): Work => ({ role: '', operations: null, bytes })
