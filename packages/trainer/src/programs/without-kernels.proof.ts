import { kernelPlan, type Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { type DType, type FloatDType, formatShape, Tensor, tensor, useBackend, zeros } from '@handgrad/tensor'
import { plannedStepper } from '../planned/stepper.ts'
import { localStepper, type Stepper } from '../stepper.ts'
import { build, buildLoss, widened } from './build.proof.ts'
import type { NetworkCase } from './case.proof.ts'
import type { Difference } from './compare.proof.ts'
import { seedMasks } from './expected.proof.ts'
import { differenceOf } from './numbers.proof.ts'
import type { Kernels } from './pools.proof.ts'
import { batchOf } from './values.proof.ts'
import { isForStepper } from './ways.proof.ts'

/**
 * What no kernel is for: float64, an empty batch, a stepper whose backend was changed since, losses that are not reduced.
 * All that gives the bits of layer after layer on `reference`, and `kernelPlan` says so.
 */
export function compareWithoutKernels(network: NetworkCase, backend: Kernels): Difference | null {
  const checks = {
    float64,
    empty,
    changed,
    'not reduced': notReduced,
    'no row of classes': otherTargets,
    'ignoring what no int32 is': ignoringNone,
    'a loss of its own': ownLoss,
    kernelPlan: plans,
  }
  for (const [name, check] of Object.entries(checks)) {
    const message = check(network, backend)
    if (message !== null) return { way: `${backend}, ${name}`, message }
  }
  return null
}

type Check = (network: NetworkCase, backend: Kernels) => string | null

const shapeOf = ({ batches, sample }: NetworkCase, N: number = batches[0]): number[] => [N, ...sample]

/** An image or a line without a batch has no axis that may have another extent. */
const isAlone = ({ sample, layers }: NetworkCase): boolean =>
  sample.length === (JSON.stringify(layers).includes('"Conv1d"') ? 1 : 2)

/** Images and classes for a network, `count` of them; null where a stepper is not for it. */
function batch(
  network: NetworkCase,
  net: Sequential,
  count: number,
): { x: Tensor; y: Tensor<'int32'> } | null {
  const logits = net.outputShape(shapeOf(network))
  if (!isForStepper(network, logits)) return null
  const { x, y } = batchOf(network, 0, logits)
  if (count > 0) return { x, y: y as Tensor<'int32'> }
  return { x: zeros(shapeOf(network, 0)), y: new Tensor<'int32'>(new Int32Array(0), [0]) }
}

/** All that a step and an evaluation give. */
function numbers(
  network: NetworkCase,
  net: Sequential,
  stepper: Stepper,
  x: Tensor,
  y: Tensor<'int32'>,
): ArrayLike<number>[] {
  seedMasks(network, 0)
  const { loss, predicted } = stepper.train(x, y)
  const found = [[loss], predicted.slice(), ...net.parameters().map(({ g }) => g!.data.slice())]
  const evaluated = stepper.evaluate(x, y)
  return [...found, [evaluated.loss], evaluated.predicted.slice()]
}

/** The bits of a stepper that was made on a backend and runs on `during`, against those of `reference`. */
function sameBits(
  network: NetworkCase,
  backend: Kernels,
  dtype: FloatDType,
  during: Kernels | 'reference',
  N: number,
): string | null {
  const own = batch(network, build(network), N)
  if (own === null) return null
  const x = dtype === 'float64' ? widened(own.x) : own.x
  const [net, other] = [build(network, dtype), build(network, dtype)]
  useBackend(backend)
  const stepper = plannedStepper(net, buildLoss(network, dtype), 1)
  useBackend(during)
  const came = numbers(network, net, stepper, x, own.y)
  stepper.close()
  useBackend('reference')
  return differenceOf(came, numbers(network, other, localStepper(other, buildLoss(network, dtype)), x, own.y))
}

const float64: Check = (network, backend) => sameBits(network, backend, 'float64', backend, 1)
const empty: Check = (network, backend) =>
  isAlone(network) ? null : sameBits(network, backend, 'float32', backend, 0)
const changed: Check = (network, backend) => sameBits(network, backend, 'float32', 'reference', 1)

/** One sample's loss is a number even where nothing is reduced: evaluated as by the layers alone. */
const notReduced: Check = (network, backend) => {
  const { options, target } = network.loss
  if (options.reduction !== 'none' || target !== 'int32' || isAlone(network)) return null
  const single = { ...network, batches: [1] }
  useBackend(backend)
  const net = build(single)
  const logits = net.outputShape(shapeOf(single))
  // A Flatten over the samples' axis makes several rows of one.
  if (logits.length !== 2 || logits[0] !== 1) return null
  const { x, y } = batchOf(single, 0, logits)
  const stepper = plannedStepper(net, buildLoss(single), 1)
  const came = stepper.evaluate(x, y as Tensor<'int32'>).loss
  stepper.close()
  const right = localStepper(net, buildLoss(single)).evaluate(x, y as Tensor<'int32'>).loss
  return Object.is(came, right) ? null : `expected the loss ${right}, got ${came}`
}

/** Numbers, or what was thrown in their place. */
function compared(came: ArrayLike<number>[] | string, right: ArrayLike<number>[] | string): string | null {
  if (typeof came !== 'string' && typeof right !== 'string') return differenceOf(came, right)
  if (came === right) return null
  const [expected, got] = [right, came].map((one) => (typeof one === 'string' ? one : 'numbers'))
  return `expected ${expected}, got ${got}`
}

/** What else a loss takes as its target, or refuses: by the layers alone on the same backend. */
const otherTargets: Check = (network, backend) => {
  const own = batch(network, build(network), 1)
  if (own === null) return null
  const said = (
    make: (net: Sequential) => Stepper & { free?(): void },
    y: Tensor<DType>,
  ): ArrayLike<number>[] | string => {
    useBackend(backend)
    const net = build(network)
    const stepper = make(net)
    try {
      return numbers(network, net, stepper, own.x, y as Tensor<'int32'>)
    } catch (error) {
      return String(error)
    } finally {
      stepper.free?.()
    }
  }
  const { data } = own.y
  const targets = [
    tensor(Uint8Array.from(data, (t) => Math.max(0, t))),
    tensor(data.slice(), [data.length, 1]),
    tensor(Int32Array.of(...data, 0)),
  ]
  for (const y of targets) {
    const came = said((net) => plannedStepper(net, buildLoss(network), 1), y)
    const right = said((net) => localStepper(net, buildLoss(network)), y)
    const found = compared(came, right)
    if (found !== null) return `${y.dtype} ${formatShape(y.shape)}: ${found}`
  }
  return null
}

/** An ignored class that no target can be ignores none, as the default does where no target is it. */
const ignoringNone: Check = (network, backend) => {
  const others = [{}, { ignoreIndex: 2 ** 32 }].map((ignoring) => {
    const { ignoreIndex: _, ...options } = network.loss.options
    return { ...network, loss: { ...network.loss, ignored: 0, options: { ...options, ...ignoring } } }
  })
  const [right, came] = others.map((other) => {
    useBackend(backend)
    const net = build(other)
    const own = batch(others[0], net, 1)
    if (own === null) return null
    const stepper = plannedStepper(net, buildLoss(other), 1)
    const found = numbers(other, net, stepper, own.x, own.y)
    stepper.close()
    return found
  })
  return came == null || right == null ? null : differenceOf(came, right)
}

/** A loss whose `forward` is somebody else's has no kernel: by the layers alone. */
const ownLoss: Check = (network, backend) => {
  const own = batch(network, build(network), 1)
  if (own === null) return null
  const make = (): CrossEntropyLoss => {
    const criterion = buildLoss(network)
    criterion.forward = (logits, target) => CrossEntropyLoss.prototype.forward.call(criterion, logits, target)
    return criterion
  }
  useBackend(backend)
  const [net, other] = [build(network), build(network)]
  const stepper = plannedStepper(net, make(), 1)
  const came = numbers(network, net, stepper, own.x, own.y)
  stepper.close()
  return differenceOf(came, numbers(network, other, localStepper(other, make()), own.x, own.y))
}

/** Every layer by its name; without kernels each is on `reference`, and nothing is planned for no image. */
const plans: Check = (network, backend) => {
  const names = (net: Sequential): string[] => net.flat().map((layer) => layer.describe())
  const said = (net: Sequential, shape: number[]): string => JSON.stringify(kernelPlan(net, shape))
  const plain = (net: Sequential): string =>
    JSON.stringify(names(net).map((layer) => ({ layer, kernel: 'reference' })))
  const shape = shapeOf(network)
  const net = build(network)
  useBackend('reference')
  if (said(net, shape) !== plain(net)) return `on reference: expected ${plain(net)}, got ${said(net, shape)}`
  useBackend(backend)
  const planned = kernelPlan(net, shape).map(({ layer }) => layer)
  if (planned.join() !== names(net).join())
    return `expected the layers ${names(net).join()}, got ${planned.join()}`
  const wide = build(network, 'float64')
  if (wide.parameters().length === 0 || said(wide, shape) === plain(wide)) return null
  return `of float64: expected ${plain(wide)}, got ${said(wide, shape)}`
}
