import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '@handgrad/layers'
import { Swish } from './swish.ts'

/** Two convolutions and two linear layers, the last but one with an activation of your own. */
export function network(): Sequential {
  return new Sequential(
    new Conv2d(1, 8, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(8, 16, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(784, 32),
    new Swish(),
    new Linear(32, 10),
  )
}
