import type { Sequential } from '@handgrad/layers'
import { defaultGenerator, type Tensor, withThreads, zeros } from '@handgrad/tensor'
import { Confusion, predictions, type TrainingRun } from '@handgrad/trainer'

/** An image that was taken for another class. */
export interface WrongImage {
  /** Its values [C,H,W]. */
  readonly values: Float32Array
  readonly truth: number
  readonly takenFor: number
  /** What the network gives `takenFor`, 0 to 1. */
  readonly probability: number
  readonly loss: number
}

/** What the network makes of validation images, with the weights of this moment. */
export interface Look {
  readonly images: number
  readonly confusion: Confusion
  /** Those with the largest loss, the worst first. */
  readonly worst: readonly WrongImage[]
}

/** Images that are looked at: a look takes time from the training. */
const MOST = 2000
const BATCH = 250
const WORST = 12

/**
 * Looks at the first validation images, between two steps. The run goes on as if nobody had looked: nothing is drawn, and
 * each step says itself which mode its network is in.
 */
export function look({ net, validation, config }: TrainingRun, classes: number): Look {
  const { dataset } = validation
  const images = Math.min(dataset.length, MOST)
  const confusion = new Confusion(classes)
  const worst: WrongImage[] = []
  const drawn = defaultGenerator.getState()
  net.eval()
  withThreads(config.threads, () => {
    for (let from = 0; from < images; from += BATCH) {
      const samples = Array.from({ length: Math.min(BATCH, images - from) }, (_, i) => dataset.get(from + i))
      const truth = samples.map(([, y]) => y as number)
      const inputs = samples.map(([x]) => x)
      const logits = logitsOf(net, inputs)
      confusion.add(truth, predictions(logits))
      worst.push(...wrongOf(logits, inputs, truth))
      worst.sort((a, b) => b.loss - a.loss).splice(WORST)
    }
  })
  defaultGenerator.setState(drawn)
  return { images, confusion, worst }
}

function logitsOf(net: Sequential, images: readonly Tensor[]): Tensor {
  const x = zeros([images.length, ...images[0].shape])
  for (const [i, { data }] of images.entries()) x.data.set(data, i * data.length)
  return net.forward(x)
}

function wrongOf(logits: Tensor, images: readonly Tensor[], truth: readonly number[]): WrongImage[] {
  const [N, C] = logits.shape
  const found = predictions(logits)
  return Array.from({ length: N }, (_, n): WrongImage => {
    const row = logits.data.subarray(n * C, (n + 1) * C)
    const top = row[found[n]]
    let sum = 0
    for (const logit of row) sum += Math.exp(logit - top)
    const loss = Math.log(sum) + top - row[truth[n]]
    return {
      values: images[n].data as Float32Array,
      truth: truth[n],
      takenFor: found[n],
      probability: 1 / sum,
      loss,
    }
  }).filter(({ truth: right, takenFor }) => right !== takenFor)
}
