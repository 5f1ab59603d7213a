import { Conv2d, Flatten, type Layer, Linear, MaxPool2d, ReLU } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { type Tensor, tensor, zeros } from '@handgrad/tensor'
import { softmax } from '../../cli/src/softmax.ts'
import { passThrough, stagesOf, withReads } from '../src/workers/look.ts'
import type { Look } from '../src/workers/protocol.ts'

/** A pass of one image through some layers: of the loss with a label, of the largest score without. */
export function lookThrough(layers: readonly Layer[], x: Tensor, label: number | null = null): Look {
  const values = passThrough(layers, x)
  const scores = values.at(-1)!
  const predicted = scores.data.indexOf(Math.max(...scores.data))
  if (label === null) {
    scores.g = zeros(scores.shape)
    scores.g.data[predicted] = 1
  } else {
    const criterion = new CrossEntropyLoss()
    criterion.forward(scores, tensor(Int32Array.of(label)))
    criterion.bwd()
  }
  for (const layer of layers.toReversed()) layer.bwd()
  const stages = withReads(layers, stagesOf(layers, values))
  return {
    stages,
    probabilities: softmax(scores.data),
    predicted,
    label,
    loss: null,
    recorded: null,
  }
}

/** A layer with these numbers as its parameters. */
function given<Own extends Layer>(layer: Own, ...numbers: (readonly number[])[]): Own {
  layer.parameters().forEach((parameter, i) => parameter.data.set(numbers[i]))
  return layer
}

/**
 * A pass that one can do in one's head: y = x less its neighbour below and to the right, −4 in the corner; ReLU; four maxima, 1 3 3 2,
 * two of them of ties; and two scores, 2 and 9.
 */
export function smallPass(label: number | null = null): Look {
  const layers = [
    given(new Conv2d(1, 1, 3, { padding: 1 }), [0, 0, 0, 0, 1, 0, 0, 0, -1], [0]),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    given(new Linear(4, 2), [1, 0, -1, 2, 0, 1, 1, -1], [0, 5]),
  ]
  const rows = [
    [1, 2, 0, 3],
    [0, 5, 1, 0],
    [2, 0, 4, 1],
    [3, 1, 0, 2],
  ]
  return lookThrough(layers, tensor(Float32Array.from(rows.flat()), [1, 1, 4, 4]), label)
}
