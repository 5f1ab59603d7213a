import { describeProgram, kernelPlan, type Layer, type Sequential } from '@handgrad/layers'
import { numel } from '@handgrad/tensor'

/** One layer of a network, for batches of one shape. */
export interface LayerRow {
  readonly name: string
  readonly layer: string
  /** Of one sample. */
  readonly outputShape: readonly number[]
  readonly parameters: number
  /** Of one sample on the way forward; additions of a bias are none. */
  readonly multiplyAdds: number
  readonly kernel: string
}

/** A network for batches of one shape. */
export interface NetworkTable {
  readonly layers: readonly LayerRow[]
  readonly parameters: number
  readonly multiplyAdds: number
  /** What a step of training takes of the kernels' memory, on `threads` threads; null where it has no program. */
  readonly bytes: number | null
}

/** What is known of a network without computing anything. @throws Error where it does not take the shape. */
export function networkTable(net: Sequential, shape: readonly number[], threads: number): NetworkTable {
  const plan = kernelPlan(net, shape)
  let input = shape
  const layers = net.flat().map((layer, i): LayerRow => {
    const output = layer.outputShape(input)
    input = output
    const outputShape = output.slice(1)
    return {
      name: String(i),
      layer: layer.describe(),
      outputShape,
      parameters: layer.parameters().reduce((sum, { shape: extents }) => sum + numel(extents), 0),
      multiplyAdds: multiplyAdds(layer, outputShape),
      kernel: plan[i].kernel,
    }
  })
  const total = (of: (row: LayerRow) => number): number => layers.reduce((sum, row) => sum + of(row), 0)
  return {
    layers,
    parameters: total(({ parameters }) => parameters),
    multiplyAdds: total((row) => row.multiplyAdds),
    bytes: bytesOf(net, shape, threads),
  }
}

/** A weight [out,…] is used once for every `out` of the output: at each position of a convolution, once in a linear layer. */
function multiplyAdds(layer: Layer, outputShape: readonly number[]): number {
  const weights = layer.parameters().filter(({ shape }) => shape.length > 1)
  return weights.reduce((sum, { shape }) => sum + (numel(shape) * numel(outputShape)) / shape[0], 0)
}

function bytesOf(net: Sequential, shape: readonly number[], threads: number): number | null {
  const programs = describeProgram(net, shape).parts.flatMap((part) => part.programs)
  if (programs.length === 0) return null
  return programs.reduce((sum, { bytes, shards }) => {
    const { fixed, scratch, slot } = bytes
    return sum + fixed + Math.min(threads, shards) * scratch + shards * slot
  }, 0)
}
