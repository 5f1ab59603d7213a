import { Conv2d, Flatten, type Layer, Linear, MaxPool2d, ReLU, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { Generator, type Tensor, tensor } from '@handgrad/tensor'
import { softmax } from '../../../../cli/src/softmax.ts'
import { digit, type Patch } from './patch.ts'

/** The digits that the thread's network tells apart. */
export const digits = [1, 4, 7] as const

/** The step of its one update. */
export const lr = 0.5

/** What is below less what is above: an edge that gets brighter downwards. */
export const edge = [
  [-1, -1, -1],
  [0, 0, 0],
  [1, 1, 1],
] as const

/** One pass of one patch there and back, and one step of SGD. */
export interface Pass {
  readonly layers: readonly Layer[]
  /** What goes into the first layer, and what comes out of each: the gradient of each is its `.g`. */
  readonly values: readonly Tensor[]
  readonly softmax: readonly number[]
  readonly target: number
  readonly loss: number
  /** Parameters of the layers before the step, by the layer's place; what they are now is in `layers`. */
  readonly before: ReadonlyMap<number, readonly Tensor[]>
  /** The loss of the same patch after the step. */
  readonly lossAfter: number
}

/** The thread's network: an edge kernel, ReLU, one pooling, and a linear layer whose weights are drawn. */
export function threadNetwork(): Sequential {
  const convolution = new Conv2d(1, 1, 3, { dtype: 'float64' })
  convolution.weight.data.set(edge.flat())
  convolution.bias!.data.fill(0)
  return new Sequential(
    convolution,
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(4, digits.length, { dtype: 'float64', generator: new Generator(0) }),
  )
}

/** Sends the patch there and back through the library's own layers, and makes one step. */
export function passOf({ x }: Pick<Patch, 'x'>): Pass {
  const net = threadNetwork()
  const layers = net.flat()
  const values = [x.clone()]
  for (const layer of layers) values.push(layer.forward(values.at(-1)!))
  const logits = values.at(-1)!
  const target = digits.indexOf(digit)
  const criterion = new CrossEntropyLoss()
  const loss = criterion.forward(logits, tensor(Int32Array.of(target))).item()
  criterion.bwd()
  for (const layer of layers.toReversed()) layer.bwd()
  const before = new Map(
    layers.map((layer, i) => [i, layer.parameters().map((p) => Object.assign(p.clone(), { g: p.g }))]),
  )
  new SGD(net.parameters(), { lr }).step()
  const after = new CrossEntropyLoss().forward(net.forward(x.clone()), tensor(Int32Array.of(target))).item()
  return {
    layers,
    values,
    softmax: softmax(logits.data),
    target,
    loss,
    before,
    lossAfter: after,
  }
}
