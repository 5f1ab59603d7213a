import { UNIT } from '@handgrad/gradcheck'
import type { Layer, Sequential } from '@handgrad/layers'
import type { CrossEntropyLoss } from '@handgrad/loss-optim'
import {
  currentBackend,
  type DType,
  defaultGenerator,
  Generator,
  manualSeed,
  Tensor,
  useBackend,
  zeros,
} from '@handgrad/tensor'
import { backwardBound, forwardBound, type Manner, type Passed } from './bounds.proof.ts'
import { build, buildLoss, changeParameters, widened } from './build.proof.ts'
import type { NetworkCase } from './case.proof.ts'
import { FACTOR } from './decisions.proof.ts'
import { lossBound } from './loss-bounds.proof.ts'
import { type Batch, batchOf } from './values.proof.ts'

/** A tensor as it should be, in float64, and how far a correct float32 one may be from it at each element. */
export interface Range {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float64Array
  readonly bounds: Float64Array
}

/** What one pass over a batch should come to. */
export interface ExpectedPass {
  /** Of shape [], or one number a sample where nothing is reduced. */
  readonly loss: Range
  readonly logits: Range
  /** Of `x`, and of each parameter by its name; none in evaluation. */
  readonly gradients: readonly Range[]
  /**
   * Of the first batch, the same from a gradient of the logits that is drawn, where the loss's leaves x without any that is
   * sure (of one class, or where all samples are ignored, nothing else goes back); in evaluation where that one does too, as
   * behind a mask of zeros.
   */
  readonly drawn: readonly Range[]
}

/** What each batch of a case should come to, in training and in evaluation: plain data. */
export interface Expected {
  readonly batches: readonly { readonly train: ExpectedPass; readonly evaluate: ExpectedPass }[]
}

/** Whether a gradient of the logits is drawn for a pass. */
export const isDrawn = ({ drawn }: ExpectedPass): boolean => drawn.length > 0

/** The seed of batch `index`'s masks. */
export function masksOf({ seed }: NetworkCase, index: number): number {
  return seed + 1000 + index
}

/** The masks of batch `index` are drawn from here on. */
export function seedMasks(network: NetworkCase, index: number): void {
  manualSeed(masksOf(network, index))
}

/** The gradient of losses that are not reduced, one a sample, or of logits. */
export function upstream({ seed }: NetworkCase, shape: readonly number[]): Tensor<'float32'> {
  const g = zeros(shape)
  new Generator(seed + 2000).normal(g.data)
  return g
}

/** Whether some of a gradient is neither 0 nor lost in its bounds. */
const isSure = ({ values, bounds }: Range): boolean =>
  values.some((value, i) => Number.isFinite(value) && Math.abs(value) > bounds[i])

/**
 * Whether a mistake on the way back to x would be seen: in some pass all gradients are finite, and some of x's is neither 0
 * nor lost in its bounds.
 */
export function testsInput({ batches }: Expected): boolean {
  const isFinite = ({ values }: Range): boolean => values.every((value) => Number.isFinite(value))
  return batches
    .flatMap(({ train, evaluate }) => [train.gradients, train.drawn, evaluate.drawn])
    .some((gradients) => gradients.length > 0 && gradients.every(isFinite) && isSure(gradients[0]))
}

const range = (name: string, value: Tensor, bound: Tensor): Range => ({
  name,
  shape: value.shape,
  values: Float64Array.from(value.data),
  bounds: Float64Array.from(bound.data, (deviation) => FACTOR * deviation),
})

/** Computes everything in float64, layer by layer on `reference`, with how far float32 may be from it. */
export function expectedOf(network: NetworkCase): Expected {
  const before = currentBackend()
  useBackend('reference')
  try {
    const net = build(network, 'float64')
    const criterion = buildLoss(network, 'float64')
    const batches = network.batches.map((_, index) => {
      if (index > 0) changeParameters(net)
      const found = new Batches(network, net, criterion, index)
      return { train: found.pass(true), evaluate: found.pass(false) }
    })
    return { batches }
  } finally {
    useBackend(before)
  }
}

/** Weights or images that are equal to one another make sums of other terms equal, and errors alike. */
function mannerOf({ input, weights }: NetworkCase): Manner {
  const alike = input === 'flat' || input === 'zero' || weights === 'flat'
  return {
    norm: alike ? 1 : 2,
    ties: weights === 'flat' || weights === 'whole' ? 'move' : 'stay',
  }
}

/** One batch of a case through its network in float64. */
class Batches {
  readonly #network: NetworkCase
  readonly #net: Sequential
  readonly #criterion: CrossEntropyLoss
  readonly #x: Tensor
  readonly #y: Tensor<DType>
  readonly #index: number
  readonly #manner: Manner
  /** Whether a gradient of x was sure already, or nobody asks. */
  #isSure: boolean

  constructor(network: NetworkCase, net: Sequential, criterion: CrossEntropyLoss, index: number) {
    const { x, y }: Batch = batchOf(
      network,
      index,
      net.outputShape([network.batches[index], ...network.sample], 'float64'),
    )
    this.#network = network
    this.#net = net
    this.#criterion = criterion
    this.#index = index
    this.#isSure = index > 0
    this.#manner = mannerOf(network)
    this.#x = widened(x)
    this.#y = network.loss.target === 'probabilities' ? widened(y as Tensor) : y
  }

  pass(training: boolean): ExpectedPass {
    this.#net.train(training)
    seedMasks(this.#network, this.#index)
    const passes: Passed[] = []
    const errors = [zeros(this.#x.shape, { dtype: 'float64' }) as Tensor]
    let logits = this.#x
    for (const layer of this.#net.flat()) {
      const drawnFrom = defaultGenerator.getState()
      const y = layer.forward(logits)
      passes.push({ layer, drawnFrom, x: logits, y })
      logits = y
    }
    // After all masks: a bound draws them again.
    const drawn = defaultGenerator.getState()
    for (const passed of passes) errors.push(forwardBound(passed, errors.at(-1)!, this.#manner))
    defaultGenerator.setState(drawn)
    return this.#way(passes, errors, logits, training)
  }

  #way(
    passes: readonly Passed[],
    errors: readonly Tensor[],
    logits: Tensor,
    training: boolean,
  ): ExpectedPass {
    const criterion = this.#criterion
    const loss = criterion.forward(logits, this.#y as Tensor<'int32'>)
    const own = criterion.reduction === 'none' ? upstream(this.#network, loss.shape) : null
    if (own !== null) loss.g = widened(own)
    criterion.bwd()
    const pass = { logits, error: errors.at(-1)!, target: this.#y, gradient: logits.g! }
    const bound = lossBound(this.#network.loss, pass, own === null ? null : Float64Array.from(own.data))
    const result = {
      loss: lossRange(loss, bound.losses),
      logits: range('logits', logits, errors.at(-1)!),
    }
    const gradients = training ? this.#gradients(passes, errors, logits.g!, bound.gradient) : []
    this.#isSure ||= training && isSure(gradients[0])
    if (this.#isSure) return { ...result, gradients, drawn: [] }
    const dz = widened(upstream(this.#network, logits.shape))
    const exact = zeros(logits.shape, { dtype: 'float64' }) as Tensor
    const drawn = this.#gradients(passes, errors, dz, exact)
    this.#isSure = isSure(drawn[0])
    return { ...result, gradients, drawn }
  }

  #gradients(passes: readonly Passed[], errors: readonly Tensor[], dz: Tensor, dzError: Tensor): Range[] {
    let [dy, error] = [dz, dzError]
    const bounds = new Map<Tensor, Tensor>()
    const found: [parameter: Tensor, gradient: Tensor][] = []
    for (let i = passes.length - 1; i >= 0; i--) {
      const { layer, x, drawnFrom } = passes[i]
      const dx = gradientAt(layer, x, dy, drawnFrom)
      for (const parameter of layer.parameters()) found.push([parameter, parameter.g!])
      const bound = backwardBound(passes[i], errors[i], dy, error, this.#manner)
      for (const [name, own] of layer.namedParameters()) bounds.set(own, bound.parameters.get(name)!)
      ;[dy, error] = [dx, bound.dx]
    }
    const gradients = new Map(found)
    const ranges = this.#net
      .namedParameters()
      .map(([name, own]) => range(name, gradients.get(own)!, bounds.get(own)!))
    return [range('x', dy, error), ...ranges]
  }
}

/** The input's gradient, and each parameter's in its `.g`, with the mask of the pass. */
function gradientAt(layer: Layer, x: Tensor, dy: Tensor, drawnFrom: Uint8Array): Tensor {
  defaultGenerator.setState(drawnFrom)
  const input = x.clone()
  const y = layer.forward(input)
  y.g = dy
  layer.zeroGrad()
  layer.bwd()
  return input.g!
}

function lossRange(loss: Tensor, losses: Float64Array): Range {
  const single = loss.shape.length === 0
  const bounds = single ? Float64Array.of(Math.hypot(...losses)) : losses
  return {
    name: 'loss',
    shape: loss.shape,
    values: Float64Array.from(loss.data),
    bounds: bounds.map((bound, i) => FACTOR * (bound + UNIT.float32 * Math.abs(loss.data[i]))),
  }
}
