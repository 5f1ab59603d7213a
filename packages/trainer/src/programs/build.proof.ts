import {
  Conv1d,
  Conv2d,
  Dropout,
  Flatten,
  type Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { type FloatDType, Generator, manualSeed, type Tensor, tensor } from '@handgrad/tensor'
import type { LayerCase, NetworkCase } from './case.proof.ts'
import { Double } from './own-layer.proof.ts'
import { fill } from './values.proof.ts'

// biome-ignore lint/suspicious/noExplicitAny: the arguments come from data.
type Args = any[]

const classes: Readonly<Record<string, new (...args: Args) => Layer>> = {
  Conv1d,
  Conv2d,
  Double,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
}

/** Those whose parameters have a dtype of their own. */
const typed = new Set(['Conv1d', 'Conv2d', 'Linear'])

/** True for a layer among arguments. */
export function isLayer(arg: LayerCase['args'][number]): arg is LayerCase {
  return typeof arg === 'object' && 'module' in arg
}

/** A layer from its data; what it draws comes from the default generator. */
export function buildLayer({ module, args, options }: LayerCase, dtype: FloatDType = 'float32'): Layer {
  const own = args.map((arg) => (isLayer(arg) ? buildLayer(arg, dtype) : arg))
  if (module === 'Sequential') return new Sequential(...(own as Layer[]))
  return new classes[module](...own, typed.has(module) ? { ...options, dtype } : options)
}

/** The loss, its weight in `dtype`. */
export function buildLoss(
  { loss: { options } }: NetworkCase,
  dtype: FloatDType = 'float32',
): CrossEntropyLoss {
  const { weight, ...rest } = options
  // In both dtypes the numbers that float32 has.
  const given =
    weight === undefined ? {} : { weight: tensor(Float32Array.from(weight), [weight.length], { dtype }) }
  return new CrossEntropyLoss({ ...rest, ...given })
}

/**
 * The network of a case: the same weights whenever it is built, in float64 the same numbers widened.
 */
export function build(network: NetworkCase, dtype: FloatDType = 'float32'): Sequential {
  const { layers, seed, weights } = network
  manualSeed(seed)
  const net = new Sequential(...layers.map((layer) => buildLayer(layer)))
  const generator = new Generator(seed + 1)
  for (const parameter of net.parameters()) fill(parameter, weights, generator)
  if (dtype === 'float32') return net
  const wide = new Sequential(...layers.map((layer) => buildLayer(layer, dtype)))
  const state = Object.entries(net.stateDict()).map(([name, value]) => [name, widened(value)])
  return wide.loadStateDict(Object.fromEntries(state))
}

/** The same numbers in float64. */
export function widened(value: Tensor): Tensor {
  return tensor(Float64Array.from(value.data), value.shape)
}

/** What happens to the parameters between two batches: exact in every dtype, and nothing stays as it was. */
export function changeParameters(net: Sequential): void {
  for (const { data } of net.parameters()) for (let i = 0; i < data.length; i++) data[i] = -data[i]
}
