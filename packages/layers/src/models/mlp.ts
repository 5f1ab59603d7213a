import { Sequential } from '../containers/sequential.ts'
import { Flatten } from '../flatten/flatten.ts'
import type { ParameterOptions } from '../init.ts'
import { Linear } from '../linear/linear.ts'
import { ReLU } from '../relu/relu.ts'

/** One hidden layer of 128, for [N,1,28,28] → [N,10]. */
export function mlp(options?: ParameterOptions): Sequential {
  return new Sequential(
    new Flatten(),
    new Linear(784, 128, options),
    new ReLU(),
    new Linear(128, 10, options),
  )
}
