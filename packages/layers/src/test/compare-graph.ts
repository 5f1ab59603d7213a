import { type BackendName, backends, Generator, type Tensor, useBackend, withThreads } from '@handgrad/tensor'
import type { Sequential } from '../index.ts'
import { graphOf, whole } from './graphs.ts'

/** One pass there and back, from whole numbers. */
function once(net: Sequential, x: Tensor, seed: number, back: (net: Sequential) => void): Tensor {
  const y = net.forward(x)
  y.g = whole(y.shape, 2, new Generator(seed + 1))
  back(net)
  return y
}

/** What users do with a network; each gives its output. */
const ways: Readonly<Record<string, (net: Sequential, x: Tensor, seed: number) => Tensor>> = {
  'forward and backward': (net, x, seed) => once(net, x, seed, () => net.backward()),
  'without the input’s gradient': (net, x, seed) =>
    once(net, x, seed, () => net.backward({ inputGrad: false })),
  'each layer’s bwd': (net, x, seed) =>
    once(net, x, seed, () => {
      for (const layer of net.layers.toReversed()) layer.bwd()
    }),
  'twice, adding up': (net, x, seed) =>
    once(net, x, seed, () => {
      net.backward()
      net.backward()
    }),
  'in evaluation': (net, x, seed) => {
    net.eval()
    return once(net, x, seed, () => net.backward())
  },
  'with one layer in evaluation, and some parameters frozen': (net, x, seed) => {
    net.layers[seed % net.layers.length].eval()
    net.parameters().forEach((parameter, i) => {
      parameter.requiresGrad = (i + seed) % 3 > 0
    })
    return once(net, x, seed, () => net.backward())
  },
  'after another batch, of another size': (net, x, seed) => {
    const other = whole([x.shape[0] + 1, ...x.shape.slice(1)], 2, new Generator(seed + 2))
    net.forward(other)
    return once(net, x, seed, () => net.backward())
  },
}

/** The names of all ways. */
export const graphWays: readonly string[] = Object.keys(ways)

/** −0 as 0: which of the two a sum of none is depends on its order. */
const plain = (values: ArrayLike<number>): number[] => Array.from(values, (value) => value + 0)

function cameTo(seed: number, way: string, backend: BackendName, threads: number): string {
  useBackend(backend)
  const { net, x } = graphOf(seed)
  const y = withThreads(threads, () => ways[way](net, x, seed))
  const gradients = net.namedParameters().map(([name, { g }]) => [name, g && plain(g.data)])
  net.close()
  return JSON.stringify({ y: plain(y.data), dx: x.g && plain(x.g.data), gradients })
}

/**
 * Where a network comes to other numbers on kernels than on `reference`, in words; null where it does not. All numbers are
 * whole, or halves of such, so that both have to be the same.
 */
export function compareGraph(seed: number, way: string, threads: readonly number[]): string | null {
  const before = backends().at(-1) as BackendName
  const right = cameTo(seed, way, 'reference', 1)
  try {
    for (const backend of backends().filter((name) => name !== 'reference')) {
      for (const count of threads) {
        const came = cameTo(seed, way, backend, count)
        if (came !== right)
          return `network ${seed}, ${way}, ${backend} on ${count}:\n${graphOf(seed).net.toString()}\nexpected ${right}\ngot ${came}`
      }
    }
    return null
  } finally {
    useBackend(before)
  }
}
