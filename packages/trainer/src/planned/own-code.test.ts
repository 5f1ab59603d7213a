import { Conv2d, Flatten, type Layer, Linear, MaxPool2d, ReLU, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { backends, blocksTaken, Generator, randn, type Tensor, tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { localStepper, type Stepper } from '../stepper.ts'
import { plannedStepper } from './stepper.ts'

afterEach(() => useBackend(backends().at(-1)!))

function filled(x: Tensor, value: number): Tensor {
  const y = x.clone()
  y.data.fill(value)
  return y
}

class Sevens extends ReLU {
  protected override compute(x: Tensor): { y: Tensor; saved: Tensor } {
    return { y: filled(x, 7), saved: x }
  }
}

class Fives extends ReLU {
  protected override gradients(dy: Tensor): Tensor {
    return filled(dy, 5)
  }
}

/** Twice what its layers give. */
class Doubled extends Sequential {
  override forward(x: Tensor): Tensor {
    const y = super.forward(x)
    for (let i = 0; i < y.data.length; i++) y.data[i] *= 2
    return y
  }
}

/** Its loss is 100 more. */
class Dearer extends CrossEntropyLoss {
  override forward(...args: Parameters<CrossEntropyLoss['forward']>): Tensor {
    const loss = super.forward(...args)
    loss.data[0] += 100
    return loss
  }
}

const x = randn([6, 1, 6, 8], { generator: new Generator(4) })
const y = tensor(Int32Array.of(0, 1, 2, 1, 0, 2))

function network(...middle: Layer[]): Sequential {
  const generator = new Generator(5)
  const features = middle.some((layer) => layer instanceof MaxPool2d) ? 4 * 3 * 4 : 4 * 6 * 8
  return new Sequential(
    new Conv2d(1, 4, 3, { padding: 1, generator }),
    ...middle,
    new Flatten(),
    new Linear(features, 3, { generator }),
  )
}

/** Loss, predictions and gradients of a training batch, and the loss in evaluation. */
function results(net: Sequential, stepper: Stepper): number[] {
  const { loss, predicted } = stepper.train(x, y)
  const gradients = net.parameters().flatMap(({ g }) => [...g!.data])
  return [loss, ...predicted, ...gradients, stepper.evaluate(x, y).loss]
}

describe.each(backends())('on %s, a planned network runs its layers’ own code', (backend) => {
  test.each<[string, () => Sequential, () => CrossEntropyLoss]>([
    ['compute', () => network(new Sevens()), () => new CrossEntropyLoss()],
    ['compute of what a convolution takes in', () => network(new Sevens(), new MaxPool2d(2)), () => new CrossEntropyLoss()],
    ['compute behind a pooling', () => network(new MaxPool2d(2), new Sevens()), () => new CrossEntropyLoss()],
    ['gradients', () => network(new Fives(), new MaxPool2d(2)), () => new CrossEntropyLoss()],
    ['a nested container', () => network(new Doubled(new ReLU()), new MaxPool2d(2)), () => new CrossEntropyLoss()],
    ['the loss', () => network(new ReLU()), () => new Dearer()],
  ])('%s', (_name, make, loss) => {
    useBackend('reference')
    const same = make()
    const expected = results(same, localStepper(same, loss()))
    useBackend(backend)
    const net = make()
    const stepper = plannedStepper(net, loss(), 1)
    const came = results(net, stepper)
    stepper.close()
    expect(came).toEqual(expected.map((value) => expect.closeTo(value, 3)))
  }) // biome-ignore format: one line a case

  test('an instance that is changed after it was planned', () => {
    useBackend(backend)
    const net = network(new ReLU(), new MaxPool2d(2))
    const stepper = plannedStepper(net, new CrossEntropyLoss(), 1)
    try {
      const before = stepper.evaluate(x, y).loss
      Object.assign(net.layers[1], { compute: (z: Tensor) => ({ y: filled(z, 7), saved: z }) })
      const changed = stepper.evaluate(x, y).loss
      useBackend('reference')
      const other = network(new Sevens(), new MaxPool2d(2))
      expect(changed).toBeCloseTo(localStepper(other, new CrossEntropyLoss()).evaluate(x, y).loss, 4)
      useBackend(backend)
      Reflect.deleteProperty(net.layers[1], 'compute')
      expect(stepper.evaluate(x, y).loss).toBe(before)
      expect(changed).not.toBeCloseTo(before, 2)
    } finally {
      stepper.close()
    }
  })
})

test('a network without code of its own is planned', () => {
  const before = blocksTaken()
  const stepper = plannedStepper(network(new ReLU()), new CrossEntropyLoss(), 1)
  stepper.train(x, y)
  expect(blocksTaken() > before).toBe(backends().length > 1)
  stepper.close()
})
