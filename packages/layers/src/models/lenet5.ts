import { Sequential } from '../containers/sequential.ts'
import { Conv2d } from '../conv2d/conv2d.ts'
import { Flatten } from '../flatten/flatten.ts'
import type { ParameterOptions } from '../init.ts'
import { Linear } from '../linear/linear.ts'
import { MaxPool2d } from '../max-pool2d/max-pool2d.ts'
import { ReLU } from '../relu/relu.ts'

/**
 * LeNet-5 with ReLU and max-pooling, for [N,1,28,28] → [N,10].
 *
 * Source: LeCun et al., Proc. IEEE 86 (1998), whose activations and pooling were others.
 */
export function lenet5(options?: ParameterOptions): Sequential {
  return new Sequential(
    new Conv2d(1, 6, 5, { padding: 2, ...options }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(6, 16, 5, options),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(400, 120, options),
    new ReLU(),
    new Linear(120, 84, options),
    new ReLU(),
    new Linear(84, 10, options),
  )
}
