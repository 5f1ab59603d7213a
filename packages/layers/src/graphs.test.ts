import { type BackendName, backends, Generator, type Tensor, useBackend, useThreads } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import type { Sequential } from './index.ts'
import { graphOf, whole } from './test/graphs.ts'

afterEach(() => {
  useThreads(1)
  useBackend(backends().at(-1)!)
})

const SEEDS = Array.from({ length: 80 }, (_, seed) => seed)
const fast = backends().filter((name) => name !== 'reference')

interface Came {
  readonly y: number[]
  readonly dx: number[] | null
  readonly gradients: (number[] | null)[]
}

const plain = (values: ArrayLike<number>): number[] => Array.from(values, (value) => value + 0)

/** What a network of a seed comes to on a backend, once `go` has been through it: `go` gives its output. */
function passes(seed: number, backend: BackendName, go: (net: Sequential, x: Tensor) => Tensor): Came {
  useBackend(backend)
  const { net, x } = graphOf(seed)
  const y = go(net, x)
  const gradients = net.parameters().map(({ g }) => g && plain(g.data))
  return { y: plain(y.data), dx: x.g && plain(x.g.data), gradients }
}

/** One pass there and back, from whole numbers. */
function once(net: Sequential, x: Tensor, seed: number, back: (net: Sequential) => void): Tensor {
  const y = net.forward(x)
  y.g = whole(y.shape, 2, new Generator(seed + 1))
  back(net)
  return y
}

const ways: Record<string, (net: Sequential, x: Tensor, seed: number) => Tensor> = {
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
    net.parameters().forEach((parameter, i) => (parameter.requiresGrad = (i + seed) % 3 > 0))
    return once(net, x, seed, () => net.backward())
  },
  'after another batch, of another size': (net, x, seed) => {
    const other = whole([x.shape[0] + 1, ...x.shape.slice(1)], 2, new Generator(seed + 2))
    net.forward(other)
    return once(net, x, seed, () => net.backward())
  },
}

describe.each(Object.entries(ways))('%s', (_name, way) => {
  test.each(SEEDS)('network %i gives on kernels, on any number of threads, what reference gives', (seed) => {
    const expected = passes(seed, 'reference', (net, x) => way(net, x, seed))
    for (const backend of fast) {
      for (const threads of seed % 10 === 0 ? [1, 2, 3] : [1]) {
        useThreads(threads)
        const came = passes(seed, backend, (net, x) => way(net, x, seed))
        expect(came, `${backend} ${threads} ${String(graphOf(seed).net)}`).toEqual(expected)
      }
    }
  })
})
