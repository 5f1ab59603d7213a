import {
  Conv2d,
  Dropout,
  Flatten,
  kernelPlan,
  type Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { Generator, manualSeed, randn, Tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { localStepper, type Stepper } from '../stepper.ts'
import { plannedStepper } from './stepper.ts'

const CLASSES = 5

afterEach(() => useBackend('simd'))

/** Whole numbers and choices, the same for the same seed. */
class Dice {
  readonly #generator: Generator

  constructor(seed: number) {
    this.#generator = new Generator(seed)
  }

  whole(from: number, to: number): number {
    return from + this.#generator.randperm(to - from + 1)[0]
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.whole(0, choices.length - 1)]
  }

  pair(from: number, to: number): [number, number] {
    return [this.whole(from, to), this.whole(from, to)]
  }
}

function convolution(dice: Dice, C: number): Conv2d {
  const groups = dice.one([1, 1, 1, C])
  const out = groups * dice.whole(1, groups === 1 ? 9 : 2)
  const usual = dice.one([true, false])
  const options = { bias: dice.one([true, false]), groups }
  if (usual) return new Conv2d(C, out, dice.one([3, 5]), { ...options, padding: dice.whole(0, 2) })
  const [stride, padding, dilation] = [dice.pair(1, 2), dice.pair(0, 2), dice.pair(1, 2)]
  return new Conv2d(C, out, dice.pair(1, 3), { ...options, stride, padding, dilation })
}

function pooling(dice: Dice): MaxPool2d {
  if (dice.one([true, false])) return new MaxPool2d(2)
  const size = dice.pair(2, 3)
  return new MaxPool2d(size, {
    stride: dice.pair(1, 3),
    padding: dice.pair(0, 1),
    ceilMode: dice.one([true, false]),
  })
}

/** Up to six layers on images, those that fit one after the other, then a linear one. */
function randomNetwork(seed: number): { layers: Layer[]; shape: number[] } {
  const dice = new Dice(seed)
  const shape = [dice.one([1, 3, 8, 13]), dice.whole(1, 5), dice.whole(6, 15), dice.whole(6, 15)]
  const layers: Layer[] = []
  let now = shape
  const count = dice.whole(2, 6)
  for (let i = 0; i < count; i++) {
    const kinds = [
      () => convolution(dice, now[1]),
      () => pooling(dice),
      () => new ReLU(),
      () => new Dropout(0.25),
    ]
    const layer = dice.one(kinds)()
    try {
      now = layer.outputShape(now)
      layers.push(layer)
    } catch {
      // Larger than what is left of the image.
    }
  }
  const flat = new Flatten()
  return { layers: [...layers, flat, new Linear(flat.outputShape(now)[1], CLASSES)], shape }
}

/** Loss and gradients of one step, and the loss of an evaluation. */
function step(net: Sequential, stepper: Stepper, x: Tensor): { losses: number[]; gradients: Float32Array[] } {
  manualSeed(11)
  const y = new Tensor<'int32'>(
    Int32Array.from({ length: x.shape[0] }, (_, n) => n % CLASSES),
    [x.shape[0]],
  )
  net.zeroGrad()
  const { loss } = stepper.train(x, y)
  const gradients = net.parameters().map(({ g }) => Float32Array.from(g!.data))
  return { losses: [loss, stepper.evaluate(x, y).loss], gradients }
}

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0)

describe.each(['simd', 'simd-plain'] as const)('%s', (backend) => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed))(
    'random network %i agrees with the reference',
    (seed) => {
      manualSeed(seed)
      const { layers, shape } = randomNetwork(seed)
      const net = new Sequential(...layers)
      const x = randn(shape)

      useBackend('reference')
      expect(kernelPlan(net, shape).map(({ kernel }) => kernel)).toEqual(layers.map(() => 'reference'))
      const expected = step(net, localStepper(net, new CrossEntropyLoss()), x)

      useBackend(backend)
      const plan = kernelPlan(net, shape)
      expect(plan.map(({ layer }) => layer)).toEqual(layers.map((layer) => layer.describe()))
      expect(plan.map(({ kernel }) => kernel)).not.toContain('reference')
      const stepper = plannedStepper(net, new CrossEntropyLoss(), 1)
      const came = step(net, stepper, x)
      stepper.close()

      // Evaluation has kernels of its own where nobody asks for the way back.
      if (!layers.some((layer) => layer instanceof Dropout)) expect(came.losses[1]).toBe(came.losses[0])
      came.losses.forEach((loss, i) => expect(Math.abs(loss - expected.losses[i])).toBeLessThan(1e-5))
      const scale = largest(expected.gradients.map(largest))
      expect(scale).toBeGreaterThan(0)
      came.gradients.forEach((gradient, i) => {
        const reference = expected.gradients[i]
        expect(largest(gradient.map((value, at) => value - reference[at]))).toBeLessThan(2e-5 * scale)
      })
    },
  )
})
