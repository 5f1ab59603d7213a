import { DataLoader, type Dataset } from '@handgrad/data'
import type { Sequential } from '@handgrad/layers'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { plannedStepper } from '@handgrad/trainer'

/** What is known after some steps. */
export interface Progress {
  step: number
  /** The mean loss of the last batches. */
  loss: number
}

/** Where the network is trained, and for how long. */
export interface LearnOptions {
  steps: number
  threads: number
  /** Called after every ten steps; what it returns is waited for. */
  progress: (progress: Progress) => void | Promise<void>
}

/** Trains on batches of 64; gives the share of the test images that are named right. */
export async function learn(
  net: Sequential,
  { train, test }: { train: Dataset; test: Dataset },
  { steps, threads, progress }: LearnOptions,
): Promise<number> {
  const sgd = new SGD(net.parameters(), { lr: 0.05, momentum: 0.9 })
  // On so many threads where every layer has kernels; with one of your own, layer after layer in this thread.
  const stepper = plannedStepper(net, new CrossEntropyLoss(), threads)
  let step = 0
  let sum = 0
  while (step < steps) {
    for (const [x, y] of new DataLoader(train, { batchSize: 64, shuffle: true })) {
      if (y.dtype !== 'int32') throw new Error(`the classes are ${y.dtype}, expected int32`)
      sum += stepper.train(x, y).loss // and every parameter's gradient is in its .g
      sgd.step()
      if (++step % 10 === 0) {
        await progress({ step, loss: sum / 10 })
        sum = 0
      }
      if (step === steps) break
    }
  }
  let right = 0
  for (const [x, y] of new DataLoader(test, { batchSize: 256 })) {
    if (y.dtype !== 'int32') throw new Error(`the classes are ${y.dtype}, expected int32`)
    const { predicted } = stepper.evaluate(x, y)
    right += predicted.filter((one, i) => one === y.data[i]).length
  }
  stepper.close()
  return right / test.length
}
