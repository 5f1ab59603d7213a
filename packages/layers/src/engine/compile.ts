import { type Cells, Compiler, type Rank, registerKernels, type Value } from '@handgrad/tensor'
import { fused, plain } from '../kernels.generated.ts'
import { type Compiled, type Layer } from '../layer.ts'
import { runsOwnCode } from '../own-code.ts'
import { guardOf } from './guards.ts'
import { batchOf, type ImageShape } from './images.ts'

registerKernels('layers', { fused, plain })

/** Samples that go through a program at a time: their activations stay in the first two caches. */
const MICRO = 8

/** Whether a layer's kernels are meant for such values. */
const takes = ({ readsLines }: Layer, rank: Rank): boolean =>
  readsLines === null || readsLines === (rank === 3)

/**
 * Writes a layer down as kernels, and what has to stay as it is for them to be right; null where it has none for `input`, or
 * runs code of its own. A container calls this for each of its layers.
 */
export function compileLayer(
  layer: Layer,
  input: Value,
  c: Compiler,
  next: readonly Layer[] = [],
): Compiled | null {
  if (runsOwnCode(layer) || !takes(layer, input.rank)) return null
  c.members.push(layer)
  c.guards.push(guardOf(layer))
  const other = next.findIndex((one) => !takes(one, input.rank))
  return c.as(layer, () => layer.compile(input, c, other < 0 ? next : next.slice(0, other)))
}

/** Layers one after the other, from the first up to one that has no kernels: how many they are, and what they give. */
export function compileChain(
  layers: readonly Layer[],
  input: Value,
  c: Compiler,
): { value: Value; count: number } {
  let value = input
  let count = 0
  while (count < layers.length) {
    const own = layers.findIndex((layer, i) => i > count && runsOwnCode(layer))
    const made = compileLayer(layers[count], value, c, layers.slice(count + 1, own < 0 ? undefined : own))
    if (made === null) break
    const { folded: many = 0 } = made
    const folded = layers.slice(count + 1).slice(0, many)
    for (const layer of folded) {
      c.members.push(layer)
      c.guards.push(guardOf(layer))
      c.note(layer, 'in the layer before')
    }
    value = made.value
    count += 1 + folded.length
  }
  return { value, count }
}

/** Layers on their way to being a program. */
export interface Chain {
  readonly compiler: Compiler
  readonly input: Cells
  readonly output: Value
  /** How many of the layers it is. */
  readonly count: number
}

/**
 * Writes as many of the layers down as have kernels for a batch of `shape`; null where the first one has none.
 * `returns`: whether there is to be a way back.
 * @internal
 */
export function chainOf(layers: readonly Layer[], shape: readonly number[], returns: boolean): Chain | null {
  const images = layers.length === 1 ? layers[0].kernelShape(shape) : batchOf(layers, shape)
  return written(layers, images, shape, returns)
}

/**
 * The same where what is behind the layers has to see each sample by itself, as a loss has: one layer alone may read a batch
 * as one sample.
 * @internal
 */
export function samplesOf(
  layers: readonly Layer[],
  shape: readonly number[],
  returns: boolean,
): Chain | null {
  return written(layers, batchOf(layers, shape), shape, returns)
}

function written(
  layers: readonly Layer[],
  images: ImageShape | null,
  shape: readonly number[],
  returns: boolean,
): Chain | null {
  if (images === null || images.N === 0) return null
  const { N, C, H, W, rank } = images
  if (!takes(layers[0], rank)) return null
  const compiler = new Compiler(N, MICRO, returns)
  const input = compiler.input(C, H, W, layers[0].kernelWish(C, H, W), rank)
  const { value, count } = compileChain(layers, input.value, compiler)
  if (count === 0) return null
  // What the next layer wrote before it gave up is to go.
  if (count < layers.length) {
    const own = count === 1 ? layers[0].kernelShape(shape) : images
    return written(layers.slice(0, count), own, shape, returns)
  }
  return { compiler, input, output: value, count }
}
