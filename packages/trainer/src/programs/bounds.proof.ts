import { UNIT } from '@handgrad/gradcheck'
import { Conv2d, Dropout, type Layer, Linear, MaxPool2d, ReLU } from '@handgrad/layers'
import { defaultGenerator, type Tensor, zeros } from '@handgrad/tensor'
import { spreadOfMaximum, topOfMaximum } from './decisions.proof.ts'

/**
 * How far a correct float32 result may be from the float64 one, element by element: what float32 rounds in a layer's own
 * sums, 2⁻²⁴ · Σ|terms| times {@link growth}, and what it makes of the errors that come in.
 */

/** Errors of a sum of `terms` terms, in units of 2⁻²⁴ · Σ|terms|: they add up as a random walk does, at worst. */
export function growth(terms: number): number {
  return 3 + Math.sqrt(terms)
}

/** A layer in float64, with what its last pass read and gave. */
export interface Passed {
  readonly layer: Layer
  /** The generator before the pass: the same mask is drawn again from it. */
  readonly drawnFrom: Uint8Array
  readonly x: Tensor
  readonly y: Tensor
}

/** As a tensor of another's shape, float64. */
const like = ({ shape }: Tensor, of: (i: number) => number): Tensor => {
  const out: Tensor = zeros(shape, { dtype: 'float64' })
  for (let i = 0; i < out.data.length; i++) out.data[i] = of(i)
  return out
}

export const magnitude = (value: Tensor): Tensor => like(value, (i) => Math.abs(value.data[i]))
const sum = (a: Tensor, b: Tensor, factor = 1): Tensor => like(a, (i) => a.data[i] + factor * b.data[i])
const isZero = ({ data }: Tensor): boolean => data.every((value) => value === 0)

/** Runs `use` with the layer's parameters replaced, and puts them back. */
function withParameters<T>(layer: Layer, change: (name: string, value: Tensor) => Tensor, use: () => T): T {
  const kept = layer
    .namedParameters()
    .map(([name, own]) => [own, own.data.slice(), change(name, own)] as const)
  for (const [own, , changed] of kept) own.data.set(changed.data)
  try {
    return use()
  } finally {
    for (const [own, values] of kept) own.data.set(values)
  }
}

/** One way back of `layer` at `x` for `dy`: the input's gradient and the parameters'. */
function back(layer: Layer, x: Tensor, dy: Tensor): { dx: Tensor; parameters: Map<string, Tensor> } {
  const kept = layer.parameters().map(({ g }) => g)
  const input = x.clone()
  const y = layer.forward(input)
  y.g = dy
  layer.zeroGrad()
  layer.bwd()
  const parameters = new Map(layer.namedParameters().map(([name, { g }]) => [name, g!]))
  for (const [i, parameter] of layer.parameters().entries()) parameter.g = kept[i]
  return { dx: input.g!, parameters }
}

/**
 * Magnitudes of a weight, as what rounds may use them: transforms of a whole kernel (Winograd's) round at the size of its
 * largest tap of a plane, not at that of the tap that is multiplied.
 */
function planes(name: string, weight: Tensor): Tensor {
  const size = name === 'weight' && weight.shape.length === 4 ? weight.shape[2] * weight.shape[3] : 1
  const most = new Float64Array(weight.data.length / size)
  for (let i = 0; i < weight.data.length; i++) {
    const plane = Math.floor(i / size)
    most[plane] = Math.max(most[plane], Math.abs(weight.data[i]))
  }
  return like(weight, (i) => most[Math.floor(i / size)])
}

const withoutBias = (name: string, value: Tensor): Tensor =>
  name === 'bias' ? like(value, () => 0) : magnitude(value)

/** How many products an output of a layer with a weight adds up, and an element of its input's gradient. */
function termsOf(layer: Layer): { forward: number; backward: number } {
  if (layer instanceof Linear) return { forward: layer.inFeatures + 1, backward: layer.outFeatures }
  if (!(layer instanceof Conv2d)) return { forward: 1, backward: 1 }
  const [Co, Cg, Kh, Kw] = layer.weight.shape
  return { forward: Cg * Kh * Kw + 1, backward: (Co / layer.groups) * Kh * Kw }
}

/** The error of a layer's output, from that of its input. */
export function forwardBound({ layer, x, drawnFrom }: Passed, error: Tensor): Tensor {
  if (layer instanceof ReLU) return like(error, (i) => (x.data[i] < -error.data[i] ? 0 : error.data[i]))
  if (layer instanceof MaxPool2d) return topOfMaximum(layer, x, error)
  if (layer instanceof Dropout) {
    defaultGenerator.setState(drawnFrom)
    return layer.forward(sum(error, magnitude(x), 4 * UNIT.float32))
  }
  if (layer.parameters().length === 0) return layer.forward(error)
  const carried = withParameters(layer, withoutBias, () => layer.forward(error))
  const rounded = withParameters(layer, planes, () => layer.forward(magnitude(x)))
  return sum(carried, rounded, UNIT.float32 * growth(termsOf(layer).forward))
}

/** The error of the input's gradient and of the parameters', from those of the input and of the output's gradient. */
export function backwardBound(
  { layer, x, y, drawnFrom }: Passed,
  xError: Tensor,
  dy: Tensor,
  error: Tensor,
): { dx: Tensor; parameters: Map<string, Tensor> } {
  const none = new Map<string, Tensor>()
  if (layer instanceof ReLU) {
    const of = (i: number): number => {
      const [value, near] = [x.data[i], xError.data[i]]
      if (value > near) return error.data[i]
      // Exactly 0 of nothing but zeros is decided: there the gradient is 0.
      if (value < -near || near === 0) return 0
      return error.data[i] + Math.abs(dy.data[i])
    }
    return { dx: like(x, of), parameters: none }
  }
  if (layer instanceof MaxPool2d)
    return { dx: spreadOfMaximum(layer, x, xError, dy, error), parameters: none }
  if (layer instanceof Dropout) defaultGenerator.setState(drawnFrom)
  if (layer.parameters().length === 0) {
    const rounding = layer instanceof Dropout ? 4 * UNIT.float32 : 0
    return { dx: back(layer, x, sum(error, magnitude(dy), rounding)).dx, parameters: none }
  }
  return ofWeights(layer, { x, y, xError, dy: magnitude(dy), error })
}

interface Way {
  x: Tensor
  y: Tensor
  xError: Tensor
  dy: Tensor
  error: Tensor
}

function ofWeights(
  layer: Layer,
  { x, y, xError, dy, error }: Way,
): { dx: Tensor; parameters: Map<string, Tensor> } {
  const size = magnitude(x)
  const carried = withParameters(layer, withoutBias, () => back(layer, size, error))
  const rounded = withParameters(layer, planes, () => back(layer, size, dy))
  const moved = isZero(xError) ? null : back(layer, xError, dy).parameters.get('weight')!
  // Each output of a channel is a term of its weights' gradients.
  const own = UNIT.float32 * growth(y.data.length / layer.parameters()[0].shape[0])
  const parameters = new Map(
    [...carried.parameters].map(([name, value]) => {
      const total = sum(value, rounded.parameters.get(name)!, own)
      return [name, name === 'weight' && moved !== null ? sum(total, moved) : total]
    }),
  )
  return { dx: sum(carried.dx, rounded.dx, UNIT.float32 * growth(termsOf(layer).backward)), parameters }
}
