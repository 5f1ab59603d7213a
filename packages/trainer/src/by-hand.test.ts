import { backends, defaultGenerator, useBackend } from '@handgrad/tensor'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Image } from './test/by-hand/network.ts'
import { ByHand, type Data } from './test/by-hand/run.ts'
import {
  collect,
  data,
  holdClock,
  noise,
  ownData,
  recipes,
  roughly,
  runOf,
  trainData,
  values,
} from './test/by-hand/setting.ts'

beforeEach(holdClock)
afterEach(() => {
  vi.restoreAllMocks()
  useBackend('simd')
})

describe.each([...backends()])('on %s', (backend) => {
  test.each(Object.entries(recipes))('%s: every number of the run', async (_, recipe) => {
    useBackend(backend)
    const run = runOf(recipe)
    const hand = new ByHand(recipe, data)
    expect(await collect(run)).toEqual(roughly(hand.events))
    expect(run.history).toEqual(roughly(hand.history))
    expect(values(run.net.stateDict())).toEqual(roughly(hand.model))
    const { options, state } = run.optimizer.stateDict()
    expect(options).toEqual(roughly(hand.options))
    expect(state.map(values)).toEqual(roughly(hand.kept))
    expect(defaultGenerator.getState()).toEqual(hand.draws.generator.getState())
  })

  test('validation and test of more than one batch: means of images, not of batches', async () => {
    useBackend(backend)
    // 1032 to train on, in batches of 500, 500 and 32; 258 to validate and 257 to test, in batches of 256.
    const large: Data = { ...data, train: noise(1290, 31), test: noise(257, 32) }
    const recipe = { ...recipes['momentum and one cycle'], epochs: 1, batchSize: 500, lr: 0.1 }
    const events = await collect(runOf(recipe, undefined, trainData(large)))
    expect(events).toEqual(roughly(new ByHand(recipe, large).events))
    expect(events.filter(({ event }) => event === 'progress')).toHaveLength(3 + 2 + 2)
  })

  test('256 images to test are one batch', async () => {
    useBackend(backend)
    const recipe = recipes['plain SGD at a constant rate']
    const events = await collect(runOf(recipe, undefined, trainData({ ...data, test: noise(256, 33) })))
    expect(events.at(-2)).toMatchObject({ phase: 'test', batch: 1, batches: 1 })
  })

  test('a dataset of one’s own is asked once for each image of a pass', async () => {
    useBackend(backend)
    const recipe = recipes['images that are shifted']
    const asked = new Map<Image, number>()
    const own = ownData((image) => asked.set(image, (asked.get(image) ?? 0) + 1))
    const hand = new ByHand(recipe, data)
    expect(await collect(runOf(recipe, undefined, own))).toEqual(roughly(hand.events))
    expect(data.train.map((image) => asked.get(image))).toEqual(data.train.map(() => recipe.epochs))
    expect(data.test.map((image) => asked.get(image))).toEqual(data.test.map(() => 1))
  })
})
