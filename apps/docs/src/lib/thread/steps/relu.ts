import { relu } from '../../../explorers/relu.ts'
import { explored } from '../explored.ts'
import type { Pass } from '../pass.ts'
import { gradient, numbers, type ThreadStep } from '../step.ts'

/** What is above 0. */
export function reluStep({ values: [, x, y] }: Pass): ThreadStep {
  const shape = x.shape.slice(2)
  return {
    id: 'relu',
    title: 'ReLU',
    page: 'layers/relu',
    forward: [numbers('x', 'from the convolution', x), numbers('y', 'output', y)],
    backward: [
      numbers('dy', 'from the pooling', gradient(y)),
      numbers('dx', 'gradient of the input', gradient(x)),
    ],
    ...explored(
      relu,
      { rows: shape[0], columns: shape[1] },
      { x: x.reshape(shape), dy: gradient(y).reshape(shape) },
      { y: y.reshape(shape), dx: gradient(x).reshape(shape) },
    ),
  }
}
