import { type Dataset, randomSplit } from '@handgrad/data'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { Generator, manualSeed, Tensor, tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { TrainOptions } from './config.ts'
import type { TrainEvent } from './events.ts'
import { models } from './models.ts'
import { NotFiniteError } from './not-finite.ts'
import { resolveConfig } from './resolve-config.ts'
import { barImages } from './test/bars.ts'
import { TrainingRun } from './training-run.ts'

function newRun(options: TrainOptions, train: Dataset = barImages(100, 1), held: Dataset = barImages(30, 2)) {
  return new TrainingRun(resolveConfig(options), { train, test: held, classes: 10, background: 0 })
}

const dataOf = () => ({ train: barImages(100, 1), test: barImages(30, 2), classes: 10, background: 0 })

async function collect(run: TrainingRun): Promise<TrainEvent[]> {
  const events: TrainEvent[] = []
  for await (const event of run.events()) events.push(event)
  return events
}

const values = (run: TrainingRun): number[][] => run.net.parameters().map(({ data }) => [...data])
const untimed = ({ history }: TrainingRun): object[] =>
  history.map((epoch) => ({ ...epoch, seconds: 0, imagesPerSecond: 0 }))

/** The samples that the training loader gives out, as they come. */
function watchOrder({ training }: TrainingRun): number[] {
  const drawn: number[] = []
  const fill = training.fill.bind(training)
  vi.spyOn(training, 'fill').mockImplementation((epoch, x, y) => {
    drawn.push(...epoch.order.slice(epoch.from, epoch.to))
    fill(epoch, x, y)
  })
  return drawn
}

afterEach(() => {
  vi.restoreAllMocks()
  useBackend('simd')
})

test('draws the model, the split and the batches in that order from the seed', async () => {
  const train = barImages(100, 1)
  const run = newRun({ seed: 5, model: 'mlp', epochs: 2, batchSize: 32 }, train)
  const drawn = watchOrder(run)
  const initial = values(run)
  await collect(run)

  const generator = manualSeed(5)
  expect(initial).toEqual(
    models
      .mlp()
      .parameters()
      .map(({ data }) => [...data]),
  )
  const [training, validation] = randomSplit(train, [80, 20])
  expect(run.training.dataset).toMatchObject({ indices: training.indices })
  expect(run.validation.dataset).toMatchObject({ indices: validation.indices })
  const orders = [1, 2].map(() => {
    generator.random64() // the training iterator's base seed
    const order = new Generator(BigInt.asUintN(63, generator.random64())).randperm(80)
    generator.random64() // the validation iterator's
    return [...order]
  })
  expect(drawn).toEqual(orders.flat())
})

// What the planned step does is compared with this in planned/stepper.test.ts.
test('a step is forward, zeroGrad, bwd, backward, step', async () => {
  useBackend('reference')
  const train = barImages(20, 1)
  const run = newRun({ seed: 3, epochs: 1, batchSize: 16, preset: 'seed', lr: 0.05 }, train)
  const drawn = watchOrder(run)
  await collect(run)

  manualSeed(3)
  const net = models.seed()
  const criterion = new CrossEntropyLoss()
  const sgd = new SGD(net.parameters(), { lr: 0.05 })
  const [training] = randomSplit(train, [16, 4])
  const order = Int32Array.from(drawn)
  const x = new Tensor<'float32'>(new Float32Array(16 * 784), [16, 1, 28, 28])
  const y = new Tensor<'int32'>(new Int32Array(16), [16])
  training.gather(order, 0, 16, x.data, y.data)
  criterion.forward(net.forward(x), y)
  net.zeroGrad()
  criterion.bwd()
  net.backward()
  sgd.step()
  expect(values(run)).toEqual(net.parameters().map(({ data }) => [...data]))
})

test('learns, and tells how it went', async () => {
  const run = newRun(
    { model: 'mlp', epochs: 4, batchSize: 16, lr: 0.05 },
    barImages(400, 1),
    barImages(100, 2),
  )
  const events = await collect(run)
  const done = events.at(-1)!
  expect(done).toMatchObject({ event: 'done' })
  if (done.event !== 'done') return
  expect(done.testAccuracy).toBeGreaterThan(0.9)
  const right = Array.from({ length: 10 }, (_, i) => done.confusion.at(i, i)).reduce((a, b) => a + b)
  expect(right / 100).toBeCloseTo(done.testAccuracy, 12)
  expect(run.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4])
  expect(run.history[3].trainLoss).toBeLessThan(run.history[0].trainLoss / 4)
  const progress = events.filter((event) => event.event === 'progress')
  // 320 / 16 steps and one batch of validation per epoch, and one of the test set.
  expect(progress).toHaveLength(4 * (20 + 1) + 1)
  expect(progress.at(-1)).toMatchObject({ phase: 'test', secondsLeft: 0 })
})

test('the same seed gives the same run, another seed another one', async () => {
  const runs: TrainingRun[] = []
  // One after the other: all draw from the one default generator.
  for (const seed of [7, 7, 8]) {
    const run = newRun({ seed, model: 'mlp', epochs: 2, batchSize: 16, shift: 2 })
    await collect(run)
    runs.push(run)
  }
  expect(untimed(runs[1])).toEqual(untimed(runs[0]))
  expect(values(runs[1])).toEqual(values(runs[0]))
  expect(untimed(runs[2])).not.toEqual(untimed(runs[0]))
})

test('the test set is read once, after the last epoch', async () => {
  const held = barImages(30, 2)
  const reads: number[] = []
  const counted: Dataset = {
    length: 30,
    get: (i) => held.get(i),
    gather: (...batch) => {
      reads.push(run.history.length)
      held.gather(...batch)
    },
  }
  const run = newRun({ model: 'mlp', epochs: 3, batchSize: 16 }, barImages(40, 1), counted)
  await collect(run)
  expect(reads).toEqual([3])
})

test('who leaves the loop has the parameters of whole steps', async () => {
  const run = newRun({ model: 'mlp', batchSize: 16, epochs: 2 })
  let steps = 0
  for await (const event of run.events()) {
    if (event.event === 'progress' && ++steps === 3) break
  }
  expect(run.optimizer.stateDict().state[0].momentum_buffer.shape).toEqual([128, 784])
  expect(run.pacing?.schedule.lastEpoch).toBe(3)
  expect(run.history).toEqual([])
})

test('a loss that is not finite ends the run before the step', async () => {
  const run = newRun({ preset: 'seed', lr: 1e30, batchSize: 16, epochs: 1 })
  await expect(collect(run)).rejects.toThrow(
    /^(the loss became (NaN|Infinity) \(training, epoch 1, batch \d+\), and the first that is not finite is .*|the gradient of 7\.\w+ of layer 7, Linear\(784→10\) is not finite \(training, epoch 1, batch \d+\)): a learning rate below 1e\+30 usually helps$/,
  )
})

test('a loss of infinity ends training, and no parameter has moved', async () => {
  const run = newRun({ model: 'mlp', batchSize: 80, lr: 0.05 })
  // −∞ for class 0: a loss of ∞ where that is the class of an image.
  run.net.parameters().at(-1)!.data[0] = -Infinity
  const before = values(run)
  await expect(collect(run)).rejects.toThrow(
    'the loss became Infinity (training, epoch 1, batch 1), and the first that is not finite is 3.bias of layer 3, Linear(128→10): a learning rate below 0.05 usually helps',
  )
  expect(values(run)).toEqual(before)
})

test('a loss that is not a number ends an evaluation, which says where', async () => {
  const held = barImages(300, 2)
  held.x.data[299 * 784] = Number.NaN
  const run = newRun({ model: 'mlp', epochs: 2 }, barImages(20, 1), held)
  await expect(collect(run)).rejects.toThrow(
    'the loss became NaN (evaluation, epoch 2, batch 2), and the first that is not finite is the images: a learning rate below 0.1 usually helps',
  )
  expect(() => run.state()).toThrow('a run that has failed cannot be saved')
  expect(run.history).toHaveLength(2)
})

test.each([
  [11, 'model mlp has 10 outputs, the data 11 classes: expected as many'],
  [9, 'model mlp has 10 outputs, the data 9 classes: expected as many'],
])('%i classes for 10 outputs are refused before the first batch', async (classes, message) => {
  const run = new TrainingRun(resolveConfig({ model: 'mlp' }), {
    train: barImages(20, 1),
    test: barImages(5, 2),
    classes,
    background: 0,
  })
  const before = values(run)
  await expect(run.events().next()).rejects.toThrow(new RangeError(message))
  expect(values(run)).toEqual(before)
})

test('a run can be saved before its first event and at any; in the test as it was before', async () => {
  const run = newRun({ model: 'mlp', epochs: 2, batchSize: 40 })
  const standing = (): unknown[] => {
    const { history, within } = run.state()
    return [history.length, within?.phase, within?.tally.batches, within?.trained?.batches]
  }
  const between = (epochs: number): unknown[] => [epochs, undefined, undefined, undefined]
  expect(standing()).toEqual(between(0))
  const saved: unknown[] = []
  for await (const _ of run.events()) saved.push(standing())
  const epoch = (count: number): unknown[] => [
    [count, 'train', 1, undefined],
    [count, 'train', 2, undefined],
    [count, 'validation', 1, 2],
    between(count + 1),
  ]
  expect(saved).toEqual([...epoch(0), ...epoch(1), between(2), between(2)])
})

test('a parameter that went bad is named, nothing is saved of it, and the step is', async () => {
  const run = newRun({ model: 'mlp', batchSize: 16, preset: 'seed', epochs: 2 })
  let batches = 0
  const attempt = async (): Promise<void> => {
    for await (const _ of run.events()) {
      if (++batches === 2) run.net.parameters()[0].data[5] = Number.NaN
      if (batches === 2) expect(() => run.state()).toThrow(NotFiniteError)
    }
  }
  await expect(attempt()).rejects.toThrow(
    new NotFiniteError(
      'the loss became NaN (training, epoch 1, batch 3), and the first that is not finite is 1.weight of layer 1, Linear(784→128): a learning rate below 0.1 usually helps',
    ),
  )
})

test('a gradient that went bad ends the run before it moves anything', async () => {
  const run = newRun({ model: 'mlp', batchSize: 16, epochs: 1 })
  const step = run.optimizer.step.bind(run.optimizer)
  const bias = run.net.parameters()[1]
  let steps = 0
  run.optimizer.step = () => {
    steps++
    step()
  }
  const attempt = async (): Promise<void> => {
    for await (const _ of run.events()) {
      // What the next step finds in place of its own gradient.
      Object.defineProperty(bias, 'g', { get: () => tensor([...Array(127).fill(0), NaN]), set: () => {} })
    }
  }
  await expect(attempt()).rejects.toThrow(
    'the gradient of 1.bias of layer 1, Linear(784→128) is not finite (training, epoch 1, batch 2)',
  )
  expect(steps).toBe(1)
})

test('parameters that stand still are named in their epoch; frozen ones are not', async () => {
  const run = newRun({ model: 'mlp', batchSize: 16, preset: 'seed', epochs: 2 })
  const [weight, bias, , last] = run.net.parameters()
  // ReLU lets nothing through: the first layer's gradients are 0.
  bias.data.fill(-1e6)
  last.requiresGrad = false
  await collect(run)
  const stalled = ['1.weight', '1.bias', '3.weight']
  expect(weight.g!.data.every((value) => value === 0)).toBe(true)
  for (const { zeroGradient, unmoved } of run.history)
    expect([zeroGradient, unmoved]).toEqual([stalled, stalled])
  const learning = newRun({ model: 'mlp', batchSize: 16, epochs: 1 })
  await collect(learning)
  expect(Object.keys(learning.history[0])).not.toContain('unmoved')
  expect(Object.keys(learning.history[0])).not.toContain('zeroGradient')
})

describe('stopping early', () => {
  /** A run on images that cannot be learned: its loss in validation rises soon. */
  const restless = (earlyStop: number | null): TrainingRun =>
    newRun({ model: 'mlp', batchSize: 4, preset: 'seed', lr: 0.3, epochs: 12, earlyStop })

  test('ends after so many epochs that were no better, and tests the weights of the best', async () => {
    const run = restless(2)
    let best: number[][] = []
    const events: TrainEvent[] = []
    for await (const event of run.events()) {
      events.push(event)
      if (event.event === 'epoch' && run.best!.epoch === event.epoch) best = values(run)
    }
    const losses = run.history.map(({ validationLoss }) => validationLoss)
    const lowest = losses.indexOf(Math.min(...losses)) + 1
    expect(run.history.length).toBeLessThan(12)
    expect(run.history).toHaveLength(lowest + 2)
    expect(events.at(-1)).toMatchObject({ event: 'done', bestEpoch: lowest })
    expect(values(run)).toEqual(best)
    // What a resumed run goes on with are the last weights, not those that were tested.
    const again = new TrainingRun(run.config, dataOf(), run.state())
    expect(again.isTrained).toBe(true)
    expect(values(again)).not.toEqual(best)
    expect((await collect(again)).at(-1)).toMatchObject({ bestEpoch: lowest })
    expect(values(again)).toEqual(best)
  })

  test('is not done where nobody asks for it', async () => {
    const run = restless(null)
    const events = await collect(run)
    expect(run.history).toHaveLength(12)
    expect(Object.keys(events.at(-1)!)).not.toContain('bestEpoch')
  })
})

test.each([
  ['constant', [0.1, 0.1, 0.1]],
  ['step', [0.1, 0.01, 0.001]],
] as const)('schedule %s', async (schedule, rates) => {
  const run = newRun({ model: 'mlp', preset: 'seed', schedule, epochs: 3, batchSize: 32 })
  await collect(run)
  for (const [i, { lr }] of run.history.entries()) expect(lr).toBeCloseTo(rates[i], 12)
})

test('one-cycle rises to lr and ends at lr / 25 / 10⁴, and leaves the momentum alone', async () => {
  const run = newRun({ model: 'mlp', epochs: 3, batchSize: 8, lr: 0.05 })
  const rates: number[] = []
  for await (const event of run.events()) {
    if (event.event === 'progress' && event.phase === 'train') rates.push(run.optimizer.options.lr)
  }
  expect(rates).toHaveLength(30)
  expect(Math.max(...rates)).toBeCloseTo(0.05, 12)
  expect(run.history[2].lr).toBeCloseTo(0.05 / 25 / 1e4, 12)
  expect(run.optimizer.options).toMatchObject({ momentum: 0.9 })
})

test.each([
  [1, 30],
  [0, 30],
  [2, 0],
])('%i training and %i test images are too few', (train, held) => {
  const message = `${train} training and ${held} test images are too few`
  expect(() => newRun({}, barImages(train, 1), barImages(held, 2))).toThrow(new RangeError(message))
})

test.each<[string, () => unknown, string]>([
  ['no data', () => new TrainingRun(resolveConfig(), undefined as never), 'data.train is undefined'],
  [
    'half of it',
    () => new TrainingRun(resolveConfig(), { train: barImages(2, 1) } as never),
    'data.test is undefined',
  ],
])('%s is called that', (_, run, words) => {
  expect(run).toThrow(new TypeError(`TrainingRun: ${words}, expected a dataset`))
})

test('options of a run that there are not are refused', () => {
  const data = { train: barImages(4, 1), test: barImages(2, 2), classes: 10, background: 0 }
  const withOptions = (options: unknown) => () =>
    new TrainingRun(resolveConfig({ model: 'mlp' }), data, undefined, options as object)
  expect(withOptions({ onWarn: () => {} })).toThrow(
    'TrainingRun: there is no option onWarn, did you mean onWarning?',
  )
  expect(withOptions(5)).toThrow('TrainingRun: argument 4 is 5, expected an object of options')
})

test('two training images and one to test are enough', async () => {
  const run = newRun({ model: 'mlp', epochs: 1 }, barImages(2, 1), barImages(1, 2))
  expect(run.images).toEqual({ training: 1, validation: 1, test: 1 })
  expect((await collect(run)).at(-1)).toMatchObject({ event: 'done' })
})
