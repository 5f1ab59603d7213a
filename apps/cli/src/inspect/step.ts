import type { Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import type { Tensor } from '@handgrad/tensor'

/** What is in a tensor, in five numbers. */
export interface Statistics {
  readonly name: string
  readonly mean: number
  readonly deviation: number
  /** √ of the sum of squares. */
  readonly norm: number
  /** The share of elements that are exactly 0. */
  readonly zeros: number
}

/** The statistics of a tensor; a mean of nothing is NaN. */
export function statisticsOf(name: string, { data }: Tensor): Statistics {
  let [sum, squares, zeros] = [0, 0, 0]
  for (const value of data) {
    sum += value
    squares += value * value
    if (value === 0) zeros++
  }
  const mean = sum / data.length
  let spread = 0
  for (const value of data) spread += (value - mean) ** 2
  return {
    name,
    mean,
    deviation: Math.sqrt(spread / data.length),
    norm: Math.sqrt(squares),
    zeros: zeros / data.length,
  }
}

/** One batch through a network and back: its loss, what each layer gave, and the gradients of all of it. */
export function oneStep(
  net: Sequential,
  x: Tensor<'float32'>,
  y: Tensor<'int32'>,
): { loss: number; activations: Statistics[]; gradients: Statistics[] } {
  net.train()
  net.zeroGrad()
  const layers = net.flat()
  const outputs: Tensor[] = []
  for (const layer of layers) outputs.push(layer.forward(outputs.at(-1) ?? x))
  const criterion = new CrossEntropyLoss()
  const loss = criterion.forward(outputs[outputs.length - 1], y).item()
  criterion.bwd()
  for (const layer of layers.toReversed()) layer.bwd()
  const named = (i: number): string => `${i} ${layers[i].describe()}`
  const gradients = outputs.map((output, i) => statisticsOf(`output of ${named(i)}`, output.g!))
  const own = net.namedParameters().flatMap(([name, { g }]) => (g === null ? [] : [statisticsOf(name, g)]))
  return {
    loss,
    activations: [statisticsOf('images', x), ...outputs.map((output, i) => statisticsOf(named(i), output))],
    gradients: [...gradients, ...own],
  }
}
