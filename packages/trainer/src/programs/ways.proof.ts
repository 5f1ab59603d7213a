import type { Sequential } from '@handgrad/layers'
import { type BackendName, type Tensor, useBackend, withThreads } from '@handgrad/tensor'
import { plannedStepper } from '../planned/stepper.ts'
import type { Stepper } from '../stepper.ts'
import { build, buildLoss, changeParameters } from './build.proof.ts'
import type { NetworkCase } from './case.proof.ts'
import { type Expected, isDrawn, seedMasks, upstream } from './expected.proof.ts'
import { type Batch, batchOf } from './values.proof.ts'

/** What a pass gave of what is expected of it; a stepper has no logits and no gradient of x. */
export interface Came {
  readonly loss: ArrayLike<number>
  readonly logits?: ArrayLike<number>
  readonly predicted?: Int32Array
  readonly gradients: ReadonlyMap<string, ArrayLike<number>>
  /** From a gradient of the logits that is drawn; a stepper has none. */
  readonly drawn?: ReadonlyMap<string, ArrayLike<number>>
}

/** Each batch in training and in evaluation. */
export type Passes = readonly { readonly train: Came; readonly evaluate: Came }[]

/** A way in which a user has a network computed; null for networks that it is not for. */
export interface Way {
  readonly name: string
  /** `expected`: of what it comes to, only that is asked for which is there. */
  run(network: NetworkCase, expected: Expected): Passes | null
}

/** Copies that later passes do not change. */
const copy = (values: ArrayLike<number>): Float64Array => Float64Array.from(values)

function gradientsOf(net: Sequential, x?: Tensor): Map<string, ArrayLike<number>> {
  const own = net.namedParameters().map(([name, { g }]) => [name, copy(g!.data)] as const)
  return new Map(x === undefined ? own : [['x', copy(x.g!.data)], ...own])
}

/** Calls `use` for each batch, with the parameters changed in between. */
function eachBatch<T>(network: NetworkCase, net: Sequential, use: (batch: Batch, index: number) => T): T[] {
  return network.batches.map((N, index) => {
    if (index > 0) changeParameters(net)
    return use(batchOf(network, index, net.outputShape([N, ...network.sample])), index)
  })
}

/** A stepper is for classes of one row of logits an image, and one loss. */
export function isForStepper({ loss }: NetworkCase, logits: readonly number[]): boolean {
  return loss.target === 'int32' && loss.options.reduction !== 'none' && logits.length === 2
}

/** The trainer's step: a planned program, or layer by layer where there is none. */
export function stepping(backend: BackendName, threads: number): Way {
  const name = `${backend}, plannedStepper on ${threads} ${threads === 1 ? 'thread' : 'threads'}`
  const run = (network: NetworkCase): Passes | null => {
    useBackend(backend)
    const net = build(network)
    if (!isForStepper(network, net.outputShape([network.batches[0], ...network.sample]))) return null
    const stepper = plannedStepper(net, buildLoss(network), threads)
    const passes = steps(network, net, stepper, threads > 1 ? yieldToWorkers : undefined)
    stepper.close()
    return passes
  }
  return { name, run }
}

function steps(network: NetworkCase, net: Sequential, stepper: Stepper, meanwhile?: () => void): Passes {
  return eachBatch(network, net, ({ x, y }, index) => {
    seedMasks(network, index)
    const train = stepper.train(x, y as Tensor<'int32'>, meanwhile)
    const found = { loss: [train.loss], predicted: train.predicted.slice(), gradients: gradientsOf(net) }
    const { loss, predicted } = stepper.evaluate(x, y as Tensor<'int32'>)
    return { train: found, evaluate: { loss: [loss], predicted: predicted.slice(), gradients: new Map() } }
  })
}

const asleep = new Int32Array(new SharedArrayBuffer(4))

/** The workers take shards before this thread does, or it would have taken all of so small a batch. */
function yieldToWorkers(): void {
  Atomics.wait(asleep, 0, 0, 1)
}

/** How a network is gone through, there and back. */
interface Walk {
  readonly forward: (net: Sequential, x: Tensor) => Tensor
  readonly backward: (net: Sequential) => void
}

/** README's loop: forward, loss, `bwd()`, `backward()`; the only way to the gradient of x. */
function loop(network: NetworkCase, expected: Expected, { forward, backward }: Walk): Passes {
  const net = build(network)
  const criterion = buildLoss(network)
  const pass = ({ x, y }: Batch, training: boolean, drawn: boolean): Came => {
    net.train(training)
    const logits = forward(net, x)
    const loss = criterion.forward(logits, y as Tensor<'int32'>)
    const found = { loss: copy(loss.data), logits: copy(logits.data) }
    const back = (): Came['gradients'] => {
      net.zeroGrad()
      backward(net)
      return gradientsOf(net, x)
    }
    if (criterion.reduction === 'none') loss.g = upstream(network, loss.shape)
    criterion.bwd()
    const gradients = training ? back() : new Map<string, ArrayLike<number>>()
    if (!drawn) return { ...found, gradients }
    logits.g = upstream(network, logits.shape)
    return { ...found, gradients, drawn: back() }
  }
  const passes = eachBatch(network, net, (batch, index) => {
    seedMasks(network, index)
    const { train, evaluate } = expected.batches[index]
    const came = pass(batch, true, isDrawn(train))
    return { train: came, evaluate: pass(batch, false, isDrawn(evaluate)) }
  })
  net.close()
  return passes
}

const together: Walk = { forward: (net, x) => net.forward(x), backward: (net) => net.backward() }
const oneByOne = (net: Sequential): void => {
  for (const layer of net.layers.toReversed()) layer.bwd()
}
const apart: Walk = {
  forward: (net, x) => net.layers.reduce((input, layer) => layer.forward(input), x),
  backward: oneByOne,
}
const laidOut: Walk = { forward: (net, x) => net.forward(x), backward: oneByOne }

const walking =
  (name: string, walk: Walk) =>
  (backend: BackendName, threads = 1): Way => {
    const run: Way['run'] = (network, expected) => {
      useBackend(backend)
      return withThreads(threads, () => loop(network, expected, walk))
    }
    const on = threads === 1 ? '' : ` on ${threads} threads`
    return { name: `${backend}, ${name}${on}`, run }
  }

/** README's loop. */
export const looping: (backend: BackendName, threads?: number) => Way = walking(
  'forward and backward',
  together,
)
/** Each layer by itself. */
export const loopingApart: typeof looping = walking('layer by layer', apart)
/** The network's forward, and then each layer's `bwd()`: the seed's way. */
export const loopingLaidOut: typeof looping = walking("forward, and each layer's bwd", laidOut)

/** Whether a pass in training gives other numbers than one in evaluation. */
export const hasDropout = ({ layers }: NetworkCase): boolean => JSON.stringify(layers).includes('"Dropout"')
