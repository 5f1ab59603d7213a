import { Sequential } from '../containers/sequential.ts'
import { Conv2d } from '../conv2d/conv2d.ts'
import { Flatten } from '../flatten/flatten.ts'
import type { ParameterOptions } from '../init.ts'
import { Linear } from '../linear/linear.ts'
import { MaxPool2d } from '../max-pool2d/max-pool2d.ts'
import { ReLU } from '../relu/relu.ts'

/** The seed's network for [N,1,28,28] → [N,10]: two 3×3 convolutions (8 and 16 channels), pooled, and a linear layer. */
export function seed(options?: ParameterOptions): Sequential {
  return new Sequential(
    new Conv2d(1, 8, 3, { padding: 1, ...options }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(8, 16, 3, { padding: 1, ...options }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(784, 10, options),
  )
}
