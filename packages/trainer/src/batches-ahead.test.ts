import { DataLoader, type Dataset, randomShift } from '@handgrad/data'
import { Conv2d, Dropout, Flatten, Linear, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { backends, defaultGenerator, manualSeed, useBackend, zeros } from '@handgrad/tensor'
import { afterAll, describe, expect, test } from 'vitest'
import { BatchesAhead } from './batches-ahead.ts'
import { type BatchStep, Pass } from './pass.ts'
import { type PlannedStepper, plannedStepper } from './planned/stepper.ts'
import { barImages } from './test/bars.ts'

const shuffled = (dataset: Dataset = barImages(37, 1)): DataLoader =>
  new DataLoader(dataset, { batchSize: 8, shuffle: true, transform: randomShift(2, { fill: 0 }) })

/** Only `get`, which draws: asked once too often, all later draws are others. */
function drawing(): Dataset {
  const images = barImages(37, 1)
  const get: Dataset['get'] = (i) => {
    const [x, y] = images.get(i)
    x.data[0] = defaultGenerator.random32() % 1000
    return [x, y]
  }
  return { length: 37, get }
}

afterAll(() => useBackend('simd'))

test.each([
  ['that gathers', barImages(37, 1)],
  ['whose get draws', drawing()],
])('a dataset %s: the batches of the loader, each in the buffer of the one before the last', (_, dataset) => {
  manualSeed(3)
  const expected = [...shuffled(dataset)].map(([x, y]) => ({
    shape: x.shape,
    x: [...x.data],
    y: [...y.data],
  }))
  const drawn = defaultGenerator.getState()
  manualSeed(3)
  const ahead = new BatchesAhead(shuffled(dataset))
  const came: typeof expected = []
  const buffers = new Set<ArrayBufferLike>()
  for (let batch = ahead.next(); batch !== null; batch = ahead.next()) {
    const [x, y] = batch
    expect(came.length, 'it ends').toBeLessThan(5)
    came.push({ shape: x.shape, x: [...x.data], y: [...y.data] })
    buffers.add(x.data.buffer)
  }
  expect(came).toEqual(expected)
  expect(came.map(({ y }) => y.length)).toEqual([8, 8, 8, 8, 5])
  expect(buffers.size).toBe(2)
  expect(defaultGenerator.getState()).toEqual(drawn)
})

test('targets that are no classes are refused', () => {
  const fractions: Dataset = { length: 2, get: () => [zeros([1, 2, 2]), 0.5] }
  expect(() => new BatchesAhead(new DataLoader(fractions, { batchSize: 2 })).next()).toThrow(
    new TypeError('training: the targets are float32 [2], expected classes, int32 [N]'),
  )
})

/** Losses, and where the generator stands, of an epoch with shifts and dropout from the one generator. */
function epoch(run: (stepper: PlannedStepper, loader: DataLoader) => number[]) {
  manualSeed(4)
  const net = new Sequential(
    new Conv2d(1, 2, 3),
    new Flatten(),
    new Dropout(0.5),
    new Linear(2 * 26 * 26, 10),
  )
  const stepper = plannedStepper(net, new CrossEntropyLoss(), 1)
  const losses = run(stepper, shuffled())
  stepper.close()
  return { losses, generator: defaultGenerator.getState() }
}

test.each(backends())('%s: draws in the order of a loop that prepares a batch before its step', (backend) => {
  useBackend(backend)
  const simple = epoch(eachInTurn)
  const ahead = epoch((stepper, loader) => {
    const losses: number[] = []
    const step: BatchStep = ([x, y], meanwhile) => {
      const result = stepper.train(x, y, meanwhile)
      losses.push(result.loss)
      return result
    }
    const done = [...new Pass(loader).run(step)]
    expect(done.map(({ images }) => images)).toEqual([8, 8, 8, 8, 5])
    return losses
  })
  expect(ahead).toEqual(simple)
})

test('a step that has no time for it gets all batches too', () => {
  useBackend('reference')
  const forgetful = epoch((stepper, loader) => {
    const losses: number[] = []
    const step: BatchStep = ([x, y]) => {
      const result = stepper.train(x, y)
      losses.push(result.loss)
      return result
    }
    expect([...new Pass(loader).run(step)]).toHaveLength(5)
    return losses
  })
  expect(forgetful).toEqual(epoch(eachInTurn))
})

function eachInTurn(stepper: PlannedStepper, loader: DataLoader): number[] {
  const losses: number[] = []
  for (const [x, y] of loader) losses.push(stepper.train(x, y).loss)
  return losses
}

describe('where the batches stand', () => {
  /** The classes of all batches that are left. */
  const rest = (ahead: BatchesAhead): number[][] => {
    const classes: number[][] = []
    for (let batch = ahead.next(); batch !== null; batch = ahead.next()) classes.push([...batch[1].data])
    return classes
  }
  const loader = (): DataLoader => new DataLoader(drawing(), { batchSize: 8, shuffle: true })

  test.each([
    ['not', false],
    ['already', true],
  ])('the one that follows %s prepared: the place behind the one that was handed out', (_, isPrepared) => {
    manualSeed(5)
    const ahead = new BatchesAhead(loader())
    ahead.next()
    ahead.next()
    const drawn = defaultGenerator.getState()
    if (isPrepared) ahead.prepare()
    const { sampler, generator } = ahead.state()
    expect(sampler).toMatchObject({ position: 16, exhausted: false })
    expect([...sampler.order!].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 37 }, (__, i) => i))
    expect(generator).toEqual(drawn)
    if (!isPrepared) expect(defaultGenerator.getState()).toEqual(drawn)
    const left = rest(ahead)
    defaultGenerator.setState(generator)
    expect(rest(new BatchesAhead(loader(), sampler))).toEqual(left)
  })

  test('before the first batch there is no order yet', () => {
    const { sampler } = new BatchesAhead(loader()).state()
    expect(sampler).toMatchObject({ order: null, position: 0 })
  })

  test('whoever changes a copy changes nothing here', () => {
    manualSeed(5)
    const [ahead, same] = [new BatchesAhead(loader()), new BatchesAhead(loader())]
    const drawn = defaultGenerator.getState()
    ahead.next()
    ahead.state().sampler.order!.fill(0)
    const left = rest(ahead)
    defaultGenerator.setState(drawn)
    same.next()
    expect(left).toEqual(rest(same))
  })
})
