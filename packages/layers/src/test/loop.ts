import { manualSeed, randn, type Tensor } from '@handgrad/tensor'
import { expect } from 'vitest'
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '../index.ts'

/** Convolution, ReLU and pooling, what is asked for, and a linear layer; always the same weights. */
export function network(...middle: ConstructorParameters<typeof Sequential>): Sequential {
  manualSeed(1)
  return new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    ...middle,
    new Flatten(),
    new Linear(48, 3),
  )
}

/** N images for it. */
export function images(N: number, seed = 2): Tensor {
  manualSeed(seed)
  return randn([N, 1, 8, 6])
}

/** A gradient of one number. */
export function filled(y: Tensor, value: number): Tensor {
  const g = y.clone()
  g.data.fill(value)
  return g
}

/** What the parameters have gathered. */
export const gradients = (net: Sequential): (number[] | null)[] =>
  net.parameters().map(({ g }) => g && [...g.data])

/** Gradients of one pass by a network that nobody used before. */
export function fresh(x: Tensor, value = 1, make: () => Sequential = network): (number[] | null)[] {
  const net = make()
  const y = net.forward(x)
  y.g = filled(y, value)
  net.backward()
  return gradients(net)
}

/** The same, up to rounding. */
export const close = (values: readonly (number[] | null)[]): unknown[] =>
  values.map((list) => list && list.map((value) => expect.closeTo(value, 4) as unknown))
