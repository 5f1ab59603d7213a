import { Conv1d, Conv2d, Flatten, type Layer, Linear, MaxPool2d, ReLU, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { manualSeed, rand, Tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { localStepper, type Stepper } from '../stepper.ts'
import { plannedStepper } from './stepper.ts'

afterEach(() => useBackend('simd'))

const classes = (count: number): Tensor<'int32'> =>
  new Tensor<'int32'>(
    Int32Array.from({ length: count }, (_, i) => (i * 2 + count) % 3),
    [count],
  )

/** Pooled 4 × 6 and 6 × 4 are 6 features both, and not the same ones. */
const network = (dtype: 'float32' | 'float64' = 'float32'): Sequential =>
  new Sequential(new MaxPool2d(2), new Flatten(), new Linear(6, 3, { dtype }))

const rounded = (values: Iterable<number>): unknown[] =>
  [...values].map((value) => expect.closeTo(value, 5) as unknown)

/** What a step and an evaluation of some batches come to, one after the other by the same stepper. */
function resultsOf(net: Sequential, stepper: Stepper, batches: readonly Tensor[]) {
  return batches.flatMap((x) => {
    const y = classes(x.shape[0])
    const trained = stepper.train(x, y)
    const g = net.parameters().map((parameter) => [...parameter.g!.data])
    const [loss, predicted] = [trained.loss, [...trained.predicted]]
    const held = stepper.evaluate(x, y)
    return [{ loss, predicted, g, held: { loss: held.loss, predicted: [...held.predicted] } }]
  })
}

/** The steps of the planned stepper, and what reference makes of the same batches. */
function compared(make: () => Sequential, shapes: readonly number[][]) {
  manualSeed(3)
  const net = make()
  const batches = shapes.map((shape) => rand(shape))
  const came = resultsOf(net, plannedStepper(net, new CrossEntropyLoss(), 1), batches)
  useBackend('reference')
  const right = resultsOf(net, localStepper(net, new CrossEntropyLoss()), batches)
  const bounds = right.map(({ loss, predicted, g, held }) => ({
    loss: expect.closeTo(loss, 5) as unknown,
    predicted,
    g: g.map(rounded),
    held: { ...held, loss: expect.closeTo(held.loss, 5) as unknown },
  }))
  return { came, bounds }
}

test('every shape has its own plan: other extents of as many pixels, other numbers of images, and back', () => {
  const { came, bounds } = compared(network, [
    [4, 1, 4, 6],
    [4, 1, 6, 4],
    [4, 1, 5, 6],
    [1, 1, 4, 6],
    [9, 1, 6, 4],
    [4, 1, 4, 6],
  ])
  expect(came).toEqual(bounds)
})

test('rows of features are a batch too', () => {
  const { came, bounds } = compared(
    () => new Sequential(new Linear(6, 5), new ReLU(), new Linear(5, 3)),
    [
      [4, 6],
      [9, 6],
    ],
  )
  expect(came).toEqual(bounds)
})

test('lines are a batch too, of other extents and numbers', () => {
  const { came, bounds } = compared(
    () => new Sequential(new Conv1d(2, 4, 3, { padding: 1 }), new ReLU(), new Flatten(), new Linear(28, 3)),
    [
      [4, 2, 7],
      [9, 2, 7],
      [1, 2, 7],
      [4, 2, 7],
    ],
  )
  expect(came).toEqual(bounds)
})

test.each<[string, () => Layer, number[]]>([
  ['lines', () => new Conv1d(2, 3, 4), [5, 2, 4]],
  ['images', () => new Conv2d(2, 3, [2, 4]), [5, 2, 2, 4]],
])('classes for logits that are %s of one cell are refused, as by the loss itself', (_, make, shape) => {
  const criterion = new CrossEntropyLoss()
  const net = new Sequential(make())
  const step = (stepper: Stepper) => () => stepper.train(rand(shape), classes(5))
  const said = /^CrossEntropyLoss: int32 target has shape \[5\], expected \[5,1/
  expect(step(plannedStepper(net, criterion, 1))).toThrow(said)
  expect(step(localStepper(net, criterion))).toThrow(said)
})

describe('what has no kernel runs layer after layer', () => {
  const both = (make: () => Sequential, criterion: () => CrossEntropyLoss, x: Tensor) => {
    manualSeed(4)
    const net = make()
    const came = resultsOf(net, plannedStepper(net, criterion(), 2), [x, x])
    useBackend('reference')
    return [came, resultsOf(net, localStepper(net, criterion()), [x, x])]
  }

  test('float64', () => {
    const x = rand([4, 1, 4, 6], { dtype: 'float64' })
    const [came, right] = both(
      () => network('float64'),
      () => new CrossEntropyLoss(),
      x,
    )
    expect(came).toEqual(right)
  })

  test('a loss with smoothing', () => {
    const [came, right] = both(
      network,
      () => new CrossEntropyLoss({ labelSmoothing: 0.1 }),
      rand([4, 1, 4, 6]),
    )
    for (const [i, { loss, held, predicted }] of came.entries()) {
      expect([loss, held.loss]).toEqual(rounded([right[i].loss, right[i].held.loss]))
      expect([predicted, held.predicted]).toEqual([right[i].predicted, right[i].held.predicted])
    }
  })

  test('and does meanwhile what is to be done, once a batch', () => {
    const net = network()
    const stepper = plannedStepper(net, new CrossEntropyLoss({ labelSmoothing: 0.1 }), 1)
    const x = rand([4, 1, 4, 6])
    const meanwhile = vi.fn<() => void>()
    stepper.train(x, classes(4), meanwhile)
    expect(meanwhile).toHaveBeenCalledTimes(1)
    expect(net.training).toBe(true)
    stepper.evaluate(x, classes(4), meanwhile)
    expect(meanwhile).toHaveBeenCalledTimes(2)
    expect(net.training).toBe(false)
    expect(() => stepper.train(x, classes(4))).not.toThrow()
  })
})

test('on reference there is one thread, whatever is asked for, and nothing to close', () => {
  useBackend('reference')
  const stepper = plannedStepper(network(), new CrossEntropyLoss(), 4)
  expect([stepper.threads, stepper.ready]).toEqual([1, 0])
  stepper.killWorker()
  stepper.close()
  expect(stepper.train(rand([4, 1, 4, 6]), classes(4)).loss).toBeGreaterThan(0)
})

test('an input that does not fit is refused as forward refuses it', () => {
  const stepper = plannedStepper(network(), new CrossEntropyLoss(), 1)
  expect(() => stepper.train(rand([4, 1, 6, 6]), classes(4))).toThrow(
    'Linear(6→3): input has 9 features, expected 6 (input shape [4,9])',
  )
})

test('new parameters are seen by training and by evaluation', () => {
  manualSeed(5)
  const net = network()
  const stepper = plannedStepper(net, new CrossEntropyLoss(), 1)
  const x = rand([4, 1, 4, 6])
  stepper.train(x, classes(4))
  stepper.evaluate(x, classes(4))
  for (const { data } of net.parameters()) data.fill(0)
  expect(stepper.train(x, classes(4)).loss).toBeCloseTo(Math.log(3), 6)
  expect(stepper.evaluate(x, classes(4)).loss).toBeCloseTo(Math.log(3), 6)
})
