import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '@handgrad/layers'
import { models } from '@handgrad/trainer'

/** A network by name; `seed:c` is the seed's with c and 2c channels. */
export function networkOf(name: string): Sequential {
  const [base, channels] = name.split(':')
  if (channels === undefined) return models[base]()
  const c = Number(channels)
  return new Sequential(
    new Conv2d(1, c, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(c, 2 * c, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(98 * c, 10),
  )
}
