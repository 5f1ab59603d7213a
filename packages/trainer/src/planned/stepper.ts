import { hasOwnCode, type Sequential } from '@handgrad/layers'
import type { CrossEntropyLoss } from '@handgrad/loss-optim'
import { currentBackend, type DType, type Tensor } from '@handgrad/tensor'
import { type BatchResult, localStepper, type Stepper } from '../stepper.ts'
import { firstWarning, type WarningOptions } from '../warnings.ts'
import { PlannedBatch } from './batch.ts'
import { Pool } from './pool.ts'

/** A stepper with threads that can be ended. */
export interface PlannedStepper extends Stepper {
  /** Threads that work or are about to, this one included: without workers that did not come up. */
  readonly threads: number
  /** Workers that have come up so far; work does not wait for them. */
  readonly ready: number
  /** Ends a worker as a fault would: for tests. */
  killWorker(): void
  close(): void
}

/**
 * Plans every batch shape once and runs it on `threads` threads; what has no kernels runs layer after layer.
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
  if (backend === 'reference') {
    const local = localStepper(net, criterion)
    return { ...local, threads: 1, ready: 0, killWorker: () => {}, close: () => {} }
  }
  const pool = new Pool(threads, backend, firstWarning(options))
  const stepper = stepperOn(pool, net, criterion)
  return {
    get threads() {
      return pool.threads
    },
    get ready() {
      return pool.ready
    },
    killWorker: () => pool.killWorker(),
    train: (x, y, meanwhile) => stepper.train(x, y, meanwhile),
    evaluate: (x, y, meanwhile) => stepper.evaluate(x, y, meanwhile),
    close: () => pool.close(),
  }
}

/** A stepper on threads that others use too; `free` gives its memory back, and with it the parameters' `.g`. */
export function stepperOn(
  pool: Pool,
  net: Sequential,
  criterion: CrossEntropyLoss,
): Stepper & { free(): void } {
  const local = localStepper(net, criterion)
  const plans = new Map<string, PlannedBatch | null>()
  const plan = (shape: readonly number[], training: boolean): PlannedBatch | null => {
    const key = `${training} ${shape.join()}`
    const known = plans.get(key)
    if (known !== undefined) return known
    const made = PlannedBatch.of(net, criterion, shape, training, pool)
    plans.set(key, made)
    return made
  }
  const step = (
    training: boolean,
    x: Tensor,
    y: Tensor<'int32'>,
    meanwhile = (): void => {},
  ): BatchResult => {
    net.train(training)
    // The workers' kernels are those of the backend that the threads began on.
    const fits = x.dtype === 'float32' && currentBackend() === pool.backend && isClasses(y, x.shape[0])
    // Asked at every step: a layer may get a method of its own after it was planned.
    const batch = fits && !hasOwnCode(net) ? plan(x.shape, training) : null
    if (batch === null) return training ? local.train(x, y, meanwhile) : local.evaluate(x, y, meanwhile)
    batch.x.set(x.data)
    return batch.run(y.data, meanwhile)
  }
  return {
    train: (x, y, meanwhile) => step(true, x, y, meanwhile),
    evaluate: (x, y, meanwhile) => step(false, x, y, meanwhile),
    free() {
      for (const made of plans.values()) made?.free()
      plans.clear()
    },
  }
}

/** Whether a program can read `y`: one class a sample. What else a loss takes, or refuses, is its own matter. */
function isClasses({ dtype, shape }: Tensor<DType>, samples: number | undefined): boolean {
  return dtype === 'int32' && shape.length === 1 && shape[0] === samples
}
