import { Flatten, Linear, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { backends, blocksTaken, sharedMemory, tensor, useBackend } from '@handgrad/tensor'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PlannedStepper, plannedStepper } from './stepper.ts'

// One tiny network, every number worked out here: what is wrong with a step shows in a moment.

const fast = backends().at(-1)!
let stepper: PlannedStepper | null = null
beforeEach(() => useBackend(fast))
afterEach(() => {
  stepper?.close()
  stepper = null
  useBackend(fast)
})

/** x·Wᵀ + b for images [1,1,2]: logits [x0 + x1, x0 − x1]. */
function network(): Sequential {
  const net = new Sequential(new Flatten(), new Linear(2, 2))
  const [weight, bias] = net.parameters()
  weight.data.set([1, 1, 1, -1])
  bias.data.fill(0)
  return net
}

const x = tensor([1, 2, 3, -1], [2, 1, 1, 2])
const y = tensor(Int32Array.of(0, 1))

// Logits [3, −1] and [2, 4]: by the softmax, class 0 of the first has 1/(1 + e⁻⁴), class 1 of the second 1/(1 + e⁻²).
const wrong = [1 / (1 + Math.exp(4)), 1 / (1 + Math.exp(2))]
const loss = (-Math.log(1 - wrong[0]) - Math.log(1 - wrong[1])) / 2

describe('a step of a tiny network', () => {
  it('has the loss, the classes and the gradients that are worked out by hand, and no gradient of x', () => {
    const net = network()
    stepper = plannedStepper(net, new CrossEntropyLoss(), 1)
    let meanwhile = 0
    const { predicted, ...found } = stepper.train(x, y, () => meanwhile++)
    expect(found.loss).toBeCloseTo(loss, 6)
    expect([...predicted]).toEqual([0, 1])
    expect(meanwhile).toBe(1)
    const [weight, bias] = net.parameters().map(({ g }) => [...g!.data])
    const dz = [-wrong[0] / 2, wrong[1] / 2]
    const dW = [dz[0] + 3 * dz[1], 2 * dz[0] - dz[1]]
    for (const [i, right] of [...dW, ...dW.map((value) => -value)].entries())
      expect(weight[i]).toBeCloseTo(right, 6)
    expect(bias[0]).toBeCloseTo(dz[0] + dz[1], 6)
    expect(bias[1]).toBeCloseTo(-dz[0] - dz[1], 6)
    expect(x.g).toBeNull()
  })

  it('is evaluated without gradients, and in the mode that is asked for', () => {
    const net = network()
    stepper = plannedStepper(net, new CrossEntropyLoss(), 1)
    expect(stepper.evaluate(x, y).loss).toBeCloseTo(loss, 6)
    expect(net.training).toBe(false)
    expect(net.parameters().every(({ g }) => g === null)).toBe(true)
    stepper.train(x, y)
    expect(net.training).toBe(true)
  })

  it('takes what has no plan layer by layer: float64, targets that are no classes of a row', () => {
    const net = network()
    stepper = plannedStepper(net, new CrossEntropyLoss(), 1)
    stepper.train(x, y)
    const double = tensor(Float64Array.from(x.data), x.shape)
    expect(() => stepper!.train(double as never, y)).toThrow(/float64/)
    expect(() => stepper!.train(x, tensor(Int32Array.of(0)))).toThrow(/target/)
    expect(() => stepper!.train(x, tensor([0.5, 0.5]) as never)).toThrow(/target/)
  })
})

it('runs as one program where there is one: its gradients are the same tensors at every step', () => {
  const net = network()
  stepper = plannedStepper(net, new CrossEntropyLoss(), 1)
  const gradients = (): unknown[] => net.parameters().map(({ g }) => g)
  stepper.train(x, y)
  const first = gradients()
  stepper.train(x, y)
  expect(gradients().every((g, i) => g === first[i])).toBe(true)
  // The program is one of the kernels that the stepper began on.
  useBackend('reference')
  stepper.train(x, y)
  expect(gradients().some((g, i) => g === first[i])).toBe(false)
})

describe('on one thread', () => {
  it('takes memory with its first step of a shape alone, and starts nothing', () => {
    const net = network()
    const before = blocksTaken()
    stepper = plannedStepper(net, new CrossEntropyLoss(), 1)
    expect([stepper.threads, stepper.ready]).toEqual([1, 0])
    stepper.killWorker()
    expect(blocksTaken()).toBe(before)
    stepper.train(x, y)
    stepper.evaluate(x, y)
    const both = blocksTaken()
    expect(both).toBeGreaterThan(before)
    stepper.train(x, y)
    stepper.evaluate(x, y)
    expect(blocksTaken()).toBe(both)
  })

  it('gives all of it back', () => {
    const many = 20_000
    const images = tensor(
      Float32Array.from({ length: 2 * many }, (_, i) => Math.sin(i)),
      [many, 1, 1, 2],
    )
    const classes = tensor(new Int32Array(many))
    const size = (): number => sharedMemory().buffer.byteLength
    const sizes = Array.from({ length: 6 }, () => {
      const own = plannedStepper(network(), new CrossEntropyLoss(), 1)
      own.train(images, classes)
      own.close()
      // A step afterwards takes it anew.
      own.train(images, classes)
      own.close()
      return size()
    })
    expect(new Set(sizes.slice(1)).size).toBe(1)
  })
})
