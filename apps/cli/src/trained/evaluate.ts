import { DataLoader, type Dataset } from '@handgrad/data'
import type { Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { Confusion, plannedStepper } from '@handgrad/trainer'
import { CliError } from '../errors.ts'

/** What a network makes of a part of the data. */
export interface Evaluation {
  readonly images: number
  /** Mean loss of an image. */
  readonly loss: number
  /** Share of right answers, 0 to 1. */
  readonly accuracy: number
  readonly confusion: Confusion
}

/** Images per batch. */
const BATCH = 256

/**
 * Evaluates a network on all images, in their order.
 * @throws CliError when it takes other images, or has another number of outputs than there are classes.
 */
export function evaluate(net: Sequential, dataset: Dataset, classes: number, threads: number): Evaluation {
  checkFit(net, dataset, classes)
  const stepper = plannedStepper(net, new CrossEntropyLoss(), threads)
  const confusion = new Confusion(classes)
  let [loss, right] = [0, 0]
  try {
    for (const [x, y] of new DataLoader(dataset, { batchSize: BATCH })) {
      const result = stepper.evaluate(x, y)
      loss += result.loss * y.data.length
      for (const [i, value] of result.predicted.entries()) if (value === y.data[i]) right++
      confusion.add(y.data, result.predicted)
    }
  } finally {
    stepper.close()
    net.close()
  }
  checkFinite([loss], 'the loss')
  const { length: images } = dataset
  return { images, loss: loss / images, accuracy: right / images, confusion }
}

/** @throws CliError where a network gives what is not finite: nothing can be said of that. */
export function checkFinite(values: ArrayLike<number>, what: string): void {
  const bad = Array.prototype.find.call(values, (value: number) => !Number.isFinite(value)) as
    | number
    | undefined
  if (bad === undefined) return
  throw new CliError(`${what} is ${bad}: a weight of the network is not finite, or too large`)
}

/** @throws CliError in one line: what the network takes is not what the data is. */
export function checkFit(net: Sequential, dataset: Dataset, classes: number): void {
  const shape = dataset.sampleShape ?? []
  const outputs = ((): number | undefined => {
    try {
      return net.outputShape([1, ...shape]).at(-1)
    } catch (error) {
      throw new CliError(`the network does not take these images: ${(error as Error).message}`)
    }
  })()
  if (outputs !== classes)
    throw new CliError(`the network has ${outputs} outputs, the data ${classes} classes: expected as many`)
}
