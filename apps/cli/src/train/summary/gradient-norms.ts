import { DataLoader, type Dataset } from '@handgrad/data'
import type { Layer, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { Generator } from '@handgrad/tensor'
import type { TrainingRun } from '@handgrad/trainer'

/** The gradients of a layer's parameters together. */
export interface GradientNorm {
  /** Where it is in the network: `3`, or `3.0` in a Sequential inside. */
  readonly name: string
  readonly layer: string
  /** √ of the sum of squares. */
  readonly norm: number
}

/**
 * The norm of the gradient by layer, for the run's weights as they are and the first batch of its training images, nothing
 * dropped; frozen parameters have none. The same for a run that was gone on with; nothing is drawn.
 */
export function gradientNorms({ net, training, config }: TrainingRun): GradientNorm[] {
  // An iterator of a loader makes a draw.
  const generator = new Generator(0)
  const images = training.dataset as Dataset
  const [[x, y]] = new DataLoader(images, { batchSize: config.batchSize, generator })
  net.eval()
  net.zeroGrad()
  const criterion = new CrossEntropyLoss()
  criterion.forward(net.forward(x), y)
  criterion.bwd()
  net.backward({ inputGrad: false })
  const squares = new Map<string, number>()
  for (const [parameter, { g }] of net.namedParameters()) {
    if (g === null) continue
    const name = parameter.slice(0, parameter.lastIndexOf('.'))
    let sum = squares.get(name) ?? 0
    for (const value of g.data) sum += value * value
    squares.set(name, sum)
  }
  net.zeroGrad()
  net.close()
  return [...squares].map(([name, sum]) => ({ name, layer: describe(net, name), norm: Math.sqrt(sum) }))
}

/** The layer at a name like `3.0`; its name alone where containers of others are on the way. */
function describe(net: Sequential, name: string): string {
  let layer: (Layer & { readonly layers?: readonly Layer[] }) | undefined = net
  for (const part of name.split('.')) layer = layer?.layers?.[Number(part)]
  return layer?.describe() ?? name
}
