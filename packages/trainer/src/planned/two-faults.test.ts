import { Conv2d, Flatten, type Layer, Linear, MaxPool2d, ReLU, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { type BackendName, manualSeed, randn, tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { WholeNetwork } from '../network/whole-network.proof.ts'
import { plannedStepper } from './stepper.ts'

afterEach(() => useBackend('simd'))

const CLASSES = 3

interface Case {
  shape: number[]
  layers: () => Layer[]
}

interface Measured {
  loss: number
  gradients: (readonly [name: string, values: Float32Array])[]
}

/** What Winograd's odd heights, and vectors taken for neighbours by their ends, made wrong up to 24786a6. */
const cases: Record<string, Case> = {
  'Winograd, odd height, two images': {
    shape: [2, 4, 3, 2],
    layers: () => [new Conv2d(4, 1, 3, { padding: 1 })],
  },
  'Winograd, 7 × 6': { shape: [16, 4, 7, 6], layers: () => [new Conv2d(4, 8, 3, { padding: 1 })] },
  'Winograd, 13 × 13': { shape: [64, 8, 13, 13], layers: () => [new Conv2d(8, 8, 3, { padding: 1 })] },
  '5 × 5 on 16 × 16': { shape: [2, 1, 16, 16], layers: () => [new Conv2d(1, 8, 5)] },
  '5 × 5 on 12 × 12, padding 2': {
    shape: [2, 1, 12, 12],
    layers: () => [new Conv2d(1, 8, 5, { padding: 2 })],
  },
  '5 × 3 on 6 × 5': { shape: [3, 1, 6, 5], layers: () => [new Conv2d(1, 1, [5, 3])] },
  '2 × 5 on 16 wide': { shape: [2, 1, 5, 16], layers: () => [new Conv2d(1, 3, [2, 5])] },
  'two channels, 5 × 3 on 8 wide': { shape: [2, 2, 7, 8], layers: () => [new Conv2d(2, 3, [5, 3])] },
  'four channels, 2 × 2 on 4 wide': { shape: [2, 4, 5, 4], layers: () => [new Conv2d(4, 3, 2)] },
}

/** Loss, and the gradient of each parameter, by the trainer's step; then the input's, all layers as one program too. */
function step(backend: BackendName, { shape, layers }: Case): Measured {
  useBackend(backend)
  manualSeed(6)
  const front = new Sequential(...layers(), new ReLU(), new MaxPool2d(2), new Flatten())
  const net = new WholeNetwork(front, new Linear(front.outputShape(shape)[1], CLASSES))
  const x = randn(shape)
  const y = tensor(Int32Array.from({ length: shape[0] }, (_, n) => n % CLASSES))
  const criterion = new CrossEntropyLoss()
  const stepper = plannedStepper(net, criterion, 1)
  const { loss } = stepper.train(x, y)
  const gradients = net.namedParameters().map(([name, { g }]) => [name, Float32Array.from(g!.data)] as const)
  stepper.close()
  criterion.forward(net.forward(x), y)
  criterion.bwd()
  net.backward()
  return { loss, gradients: [...gradients, ['x', Float32Array.from(x.g!.data)]] }
}

const largest = (values: Float32Array): number => Math.max(...values.map(Math.abs))

describe.each(['simd', 'simd-plain'] as const)('%s', (backend) => {
  test.each(Object.entries(cases))('%s', (_, given) => {
    const expected = step('reference', given)
    const came = step(backend, given)
    expect(Math.abs(came.loss - expected.loss)).toBeLessThan(1e-6)
    for (const [i, [name, right]] of expected.gradients.entries()) {
      const apart = largest(came.gradients[i][1].map((value, at) => value - right[at]))
      expect(apart, `gradient of ${name}`).toBeLessThan(1e-4 * largest(right))
    }
  })
})
