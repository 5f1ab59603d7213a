import { maxPool2d } from '../../../explorers/max-pool2d.ts'
import { explored } from '../explored.ts'
import type { Pass } from '../pass.ts'
import { gradient, numbers, type ThreadStep } from '../step.ts'

/** The largest of each four. */
export function maxPool2dStep({ values: [, , x, y] }: Pass): ThreadStep {
  const [, , H, W] = x.shape
  return {
    id: 'max-pool2d',
    title: 'MaxPool2d',
    page: 'layers/max-pool2d',
    forward: [numbers('x', 'from the ReLU', x), numbers('y', 'output', y)],
    backward: [
      numbers('dy', 'from Flatten', gradient(y)),
      numbers('dx', 'gradient of the input', gradient(x)),
    ],
    ...explored(
      maxPool2d,
      { size: H, width: W, kernel: 2, stride: 2, padding: 0, dilation: 1 },
      { x: x.reshape([1, H, W]), dy: gradient(y).reshape(y.shape.slice(1)) },
      { y: y.reshape(y.shape.slice(1)), dx: gradient(x).reshape([1, H, W]) },
    ),
  }
}
