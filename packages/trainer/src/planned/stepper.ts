import { hasOwnCode, type Sequential } from '@handgrad/layers'
import type { CrossEntropyLoss } from '@handgrad/loss-optim'
import {
  type BackendName,
  claimPool,
  currentBackend,
  type DType,
  poolFor,
  type Tensor,
  threadsFor,
  withThreads,
} from '@handgrad/tensor'
import { type BatchResult, localStepper, type Stepper } from '../stepper.ts'
import { firstWarning, type WarningOptions } from '../warnings.ts'
import { PlannedBatch } from './batch.ts'

const ALONE =
  'threads share no memory here (a page has to be cross-origin isolated): training goes on with one thread, to the same numbers'

/** A stepper with threads that can be ended. */
export interface PlannedStepper extends Stepper {
  /** Threads that work or are about to, this one included: without workers that did not come up. */
  readonly threads: number
  /** Workers that have come up so far; work does not wait for them. */
  readonly ready: number
  /** Ends a worker as a fault would: for tests. */
  killWorker(): void
  /** Gives memory and workers back; a step afterwards takes them anew. */
  close(): void
}

/**
 * Plans every batch shape once and runs it on `threads` threads; what has no kernels runs as README's loop does.
 *
 * The same bits come out on any number of threads. A worker that does not come up is done without, and `onWarning`
 * hears of it. One that dies at work makes the next step throw.
 */
export function plannedStepper(
  net: Sequential,
  criterion: CrossEntropyLoss,
  threads: number,
  options: WarningOptions = {},
): PlannedStepper {
  const backend = currentBackend()
  const local = localStepper(net, criterion)
  if (backend === 'reference')
    return { ...local, threads: 1, ready: 0, killWorker: () => {}, close: () => {} }
  const batches = new Batches(net, criterion, backend)
  const count = threadsFor(threads)
  const warn = firstWarning(options)
  if (count < threads) warn(ALONE)
  const claim = (): (() => void) | null => (count > 1 ? claimPool(backend, count, warn) : null)
  let release = claim()
  const step = (training: boolean, x: Tensor, y: Tensor<'int32'>, meanwhile?: () => void): BatchResult => {
    release ??= claim()
    net.train(training)
    const batch = batches.find(x, y, training)
    if (batch !== null) return batch.run(x, y.data, count, meanwhile)
    return withThreads(count, () =>
      training ? local.train(x, y, meanwhile) : local.evaluate(x, y, meanwhile),
    )
  }
  return {
    get threads() {
      return count > 1 ? poolFor(backend, count).there(count) : 1
    },
    get ready() {
      return count > 1 ? poolFor(backend, count).ready(count) : 0
    },
    killWorker() {
      if (count > 1) poolFor(backend, count).killWorker()
    },
    train: (x, y, meanwhile) => step(true, x, y, meanwhile),
    evaluate: (x, y, meanwhile) => step(false, x, y, meanwhile),
    close() {
      batches.free()
      release?.()
      release = null
    },
  }
}

/** The plans of a network and its loss, by what they are for. */
class Batches {
  readonly #net: Sequential
  readonly #criterion: CrossEntropyLoss
  readonly #backend: Exclude<BackendName, 'reference'>
  readonly #plans = new Map<string, PlannedBatch | null>()

  constructor(net: Sequential, criterion: CrossEntropyLoss, backend: Exclude<BackendName, 'reference'>) {
    this.#net = net
    this.#criterion = criterion
    this.#backend = backend
  }

  /** The plan for a batch, or null where the layers have to run by themselves. */
  find(x: Tensor, y: Tensor<DType>, training: boolean): PlannedBatch | null {
    // The threads' kernels are those of the backend that the stepper began on.
    const fits = x.dtype === 'float32' && currentBackend() === this.#backend && isClasses(y, x.shape[0])
    // Asked at every step: a layer may get a method of its own after it was planned.
    if (!fits || hasOwnCode(this.#net)) return null
    const key = `${training} ${x.shape.join()}`
    const known = this.#plans.get(key)
    if (known === null || (known?.isRight() && !known.isLost)) return known
    known?.free()
    const made = PlannedBatch.of(this.#net, this.#criterion, x.shape, training, this.#backend)
    this.#plans.set(key, made)
    return made
  }

  free(): void {
    for (const made of this.#plans.values()) made?.free()
    this.#plans.clear()
  }
}

/** Whether a program can read `y`: one class a sample. What else a loss takes, or refuses, is its own matter. */
function isClasses({ dtype, shape }: Tensor<DType>, samples: number | undefined): boolean {
  return dtype === 'int32' && shape.length === 1 && shape[0] === samples
}
