import { UNIT } from '@handgrad/gradcheck'
import { Conv1d, Conv2d, Dropout, type Layer, Linear, MaxPool2d, ReLU } from '@handgrad/layers'
import { defaultGenerator, numel, type Tensor, zeros } from '@handgrad/tensor'
import { FACTOR, spreadOfMaximum, type Ties, topOfMaximum } from './decisions.proof.ts'

/**
 * How far a correct float32 result may be from the float64 one, element by element, as a standard deviation: what a layer's
 * own sums round, 2⁻²⁴ · Σ|terms| times {@link growth}, and what it makes of the errors that come in. These are independent,
 * so their squares add up; among weights that are all alike they may not be, and then their magnitudes do.
 */

/** How errors add up: 2 for squares, 1 for magnitudes. */
export type Norm = 1 | 2

/**
 * The error of a sum of `terms` terms in units of 2⁻²⁴ · Σ|terms|: as a random walk does, it grows with their root; where
 * all terms are alike, each may be rounded the same way.
 */
export function growth(terms: number, norm: Norm = 2): number {
  return 0.75 + (norm === 2 ? Math.sqrt(terms) / 4 : terms / 16)
}

/** How a network's errors and ties behave. */
export interface Manner {
  readonly norm: Norm
  readonly ties: Ties
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
const power = (value: Tensor, norm: Norm): Tensor => like(value, (i) => Math.abs(value.data[i]) ** norm)
const root = (value: Tensor, norm: Norm): Tensor => like(value, (i) => value.data[i] ** (1 / norm))
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

const withoutBias =
  (norm: Norm) =>
  (name: string, value: Tensor): Tensor =>
    name === 'bias' ? like(value, () => 0) : power(value, norm)

/** How many products an output of a layer with a weight adds up, and an element of its input's gradient. */
function termsOf(layer: Layer): { forward: number; backward: number } {
  if (layer instanceof Linear) return { forward: layer.inFeatures + 1, backward: layer.outFeatures }
  if (!(layer instanceof Conv1d || layer instanceof Conv2d)) return { forward: 1, backward: 1 }
  const [Co, Cg, ...window] = layer.weight.shape
  return { forward: Cg * numel(window) + 1, backward: (Co / layer.groups) * numel(window) }
}

/** The error of a layer's output, from that of its input. */
export function forwardBound({ layer, x, drawnFrom }: Passed, error: Tensor, { norm }: Manner): Tensor {
  if (layer instanceof ReLU)
    return like(error, (i) => (x.data[i] < -FACTOR * error.data[i] ? 0 : error.data[i]))
  if (layer instanceof MaxPool2d) return topOfMaximum(layer, x, error)
  if (layer instanceof Dropout) {
    defaultGenerator.setState(drawnFrom)
    return layer.forward(sum(error, magnitude(x), UNIT.float32))
  }
  if (layer.parameters().length === 0) return layer.forward(error)
  const carried = withParameters(layer, withoutBias(norm), () => layer.forward(power(error, norm)))
  const own = withParameters(layer, planes, () => layer.forward(magnitude(x)))
  return added(carried, own, UNIT.float32 * growth(termsOf(layer).forward, norm), norm)
}

/** What came in, still as a power, and what is rounded here. */
function added(carried: Tensor, own: Tensor, factor: number, norm: Norm): Tensor {
  return root(
    like(carried, (i) => carried.data[i] + (factor * own.data[i]) ** norm),
    norm,
  )
}

/** The errors of a layer's gradients. */
export interface GradientBounds {
  dx: Tensor
  parameters: ReadonlyMap<string, Tensor>
}

/** The error of the input's gradient and of the parameters', from those of the input and of the output's gradient. */
export function backwardBound(
  passed: Passed,
  xError: Tensor,
  dy: Tensor,
  error: Tensor,
  manner: Manner,
): GradientBounds {
  const { layer, x, drawnFrom } = passed
  const parameters = new Map<string, Tensor>()
  if (layer instanceof ReLU) return { dx: rectified(x, xError, dy, error), parameters }
  if (layer instanceof MaxPool2d)
    return { dx: spreadOfMaximum(layer, x, xError, dy, error, manner.ties), parameters }
  if (layer.parameters().length > 0) return ofWeights(passed, xError, dy, error, manner)
  const rounding = layer instanceof Dropout ? UNIT.float32 : 0
  if (layer instanceof Dropout) defaultGenerator.setState(drawnFrom)
  return { dx: back(layer, x, sum(error, magnitude(dy), rounding)).dx, parameters }
}

/** Where the input is so near to 0 that float32 may see it on the other side, the gradient may come or not. */
function rectified(x: Tensor, xError: Tensor, dy: Tensor, error: Tensor): Tensor {
  return like(x, (i) => {
    const [value, near] = [x.data[i], FACTOR * xError.data[i]]
    if (value > near) return error.data[i]
    // Exactly 0 of nothing but zeros is decided: there the gradient is 0.
    if (value < -near || near === 0) return 0
    return error.data[i] + Math.abs(dy.data[i])
  })
}

function ofWeights(
  { layer, x, y }: Passed,
  xError: Tensor,
  dy: Tensor,
  error: Tensor,
  { norm }: Manner,
): GradientBounds {
  const carried = withParameters(layer, withoutBias(norm), () =>
    back(layer, power(x, norm), power(error, norm)),
  )
  const own = withParameters(layer, planes, () => back(layer, magnitude(x), magnitude(dy)))
  const moved = isZero(xError)
    ? null
    : back(layer, power(xError, norm), power(dy, norm)).parameters.get('weight')!
  // Each output of a channel is a term of its weights' gradients.
  const terms = y.data.length / layer.parameters()[0].shape[0]
  const parameters = new Map(
    [...carried.parameters].map(([name, value]) => {
      const total = name === 'weight' && moved !== null ? sum(value, moved) : value
      return [name, added(total, own.parameters.get(name)!, UNIT.float32 * growth(terms, norm), norm)]
    }),
  )
  return {
    dx: added(carried.dx, own.dx, UNIT.float32 * growth(termsOf(layer).backward, norm), norm),
    parameters,
  }
}
