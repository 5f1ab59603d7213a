import { conv2d } from '../../../explorers/conv2d.ts'
import { explored } from '../explored.ts'
import type { Pass } from '../pass.ts'
import { gradient, numbers, type ThreadStep } from '../step.ts'

/** The patch under the edge kernel. */
export function conv2dStep({ values: [x, y], before }: Pass): ThreadStep {
  const [w, b] = before.get(0)!
  const [, , H, W] = x.shape
  return {
    id: 'conv2d',
    title: 'Conv2d',
    page: 'layers/conv2d',
    forward: [
      numbers('x', 'the patch, grey values from 0 to 1', x),
      numbers('w', 'an edge kernel', w),
      numbers('b', 'bias', b),
      numbers('y', 'output', y),
    ],
    backward: [
      numbers('dy', 'from the ReLU', gradient(y)),
      numbers('dx', 'gradient of the patch', gradient(x)),
      numbers('dw', 'gradient of the kernel', gradient(w)),
      numbers('db', 'gradient of the bias', gradient(b)),
    ],
    ...explored(
      conv2d,
      { size: H, width: W, inChannels: 1, outChannels: 1, kernel: 3, stride: 1, padding: 0, dilation: 1 },
      { x: x.reshape([1, H, W]), w, b, dy: gradient(y).reshape(y.shape.slice(1)) },
      { y: y.reshape(y.shape.slice(1)), dx: gradient(x).reshape([1, H, W]) },
    ),
  }
}
