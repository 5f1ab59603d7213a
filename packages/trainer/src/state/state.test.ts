import { createHash } from 'node:crypto'
import { backends, defaultGenerator, type Tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import type { TrainOptions } from '../config.ts'
import { resolveConfig } from '../resolve-config.ts'
import { barImages } from '../test/bars.ts'
import { TrainingRun } from '../training-run.ts'
import { loadRunState, saveRunState } from './file.ts'

const bars = { train: barImages(90, 1), test: barImages(20, 2), classes: 10, background: 0 }

afterEach(() => useBackend('simd'))

function newRun(options: TrainOptions, saved?: Uint8Array): TrainingRun {
  const state = saved === undefined ? undefined : loadRunState(saved)
  const config =
    state === undefined ? resolveConfig({ model: 'mlp', batchSize: 16, ...options }) : state.config
  return new TrainingRun({ ...config, ...(state === undefined ? {} : options) } as typeof config, bars, state)
}

/** Every bit of each tensor, short enough to compare. */
const digests = (record: Record<string, Tensor>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record).map(([name, { data }]) => [name, createHash('sha256').update(data).digest('hex')]),
  )

/** Trains to the end; gives every loss, the run's state after every event, and the bits of all that is left. */
async function train(run: TrainingRun): Promise<{ losses: number[]; states: Uint8Array[]; end: object }> {
  const losses: number[] = []
  const states: Uint8Array[] = []
  for await (const event of run.events()) {
    if (event.event === 'progress') losses.push(event.loss)
    states.push(saveRunState(run.state()))
    if (event.event === 'done') losses.push(event.testLoss, event.testAccuracy)
  }
  const kept = run.optimizer.stateDict()
  const end = {
    parameters: digests(run.net.stateDict()),
    kept: kept.state.map(digests),
    options: kept.options,
    epochs: run.history.map((epoch) => ({ ...epoch, seconds: 0, imagesPerSecond: 0 })),
    drawn: Buffer.from(defaultGenerator.getState()).toString('base64'),
  }
  return { losses, states, end }
}

const recipes: [string, TrainOptions][] = [
  ['SGD with momentum, one cycle', { shift: 2 }],
  ['plain SGD, constant rate', { preset: 'seed', model: 'seed' }],
  ['Adam, steps', { optimizer: 'adam', schedule: 'step' }],
]

describe.each([...backends()])('on %s', (backend) => {
  test.each(recipes)('%s: saved after any batch, the rest is the same in every bit', async (_, recipe) => {
    useBackend(backend)
    const whole = await train(newRun({ epochs: 2, backend, threads: 2, ...recipe }))
    // 5 batches of training, one of validation and the epoch's end, twice; the test and the end.
    expect(whole.states).toHaveLength(2 * 7 + 2)
    for (const [i, state] of whole.states.entries()) {
      const rest = await train(newRun({ threads: 1 }, state))
      expect(rest.losses).toEqual(whole.losses.slice(-rest.losses.length))
      // What ended with the test reads the test again.
      expect(rest.states).toHaveLength(Math.max(2, 15 - i))
      expect(rest.end).toEqual(whole.end)
    }
  })
})

test('resumed twice and three times, the state is that of the run that was never left', async () => {
  const whole = await train(newRun({ epochs: 2, shift: 2 }))
  const untimed = (bytes: Uint8Array): object => {
    const { within, history, config, ...rest } = loadRunState(bytes)
    const still = history.map((epoch) => ({ ...epoch, seconds: 0, imagesPerSecond: 0 }))
    const sums = (tally: object | null): object | null => tally && { ...tally, seconds: 0 }
    return {
      ...rest,
      config: { ...config, threads: 0 },
      history: still,
      within: within && { ...within, tally: sums(within.tally), trained: sums(within.trained) },
    }
  }
  let at = 0
  let state = whole.states[0]
  for (const steps of [1, 2, 1, 3, 4]) {
    const run = newRun({ threads: 1 }, state)
    let left = steps
    for await (const _ of run.events()) if (--left === 0) break
    at += steps
    state = saveRunState(run.state())
    expect(untimed(state), `event ${at}`).toEqual(untimed(whole.states[at]))
  }
  expect((await train(newRun({}, state))).end).toEqual(whole.end)
})

test('a loop that is left goes on with the next batch when it is iterated again', async () => {
  const whole = await train(newRun({ epochs: 2, shift: 2 }))
  const run = newRun({ epochs: 2, shift: 2 })
  const losses: number[] = []
  for (let left = 0; left < 3; left++)
    for await (const event of run.events()) if (event.event === 'progress' && losses.push(event.loss)) break
  const rest = await train(run)
  expect([...losses, ...rest.losses]).toEqual(whole.losses)
  expect(rest.end).toEqual(whole.end)
})

test('a constant rate can go on for longer: 2 + 1 epochs are 3', async () => {
  const recipe = { preset: 'seed', optimizer: 'sgd', momentum: 0.5, lr: 0.05 } as const
  const whole = await train(newRun({ epochs: 3, ...recipe }))
  const two = await train(newRun({ epochs: 2, ...recipe }))
  const rest = await train(newRun({ epochs: 3 }, two.states.at(-1)))
  expect(rest.end).toEqual(whole.end)
})

test('a schedule that was laid out for its epochs does not', async () => {
  const { states } = await train(newRun({ epochs: 2 }))
  expect(() => newRun({ epochs: 3 }, states.at(-1))).toThrow(
    'epochs is 3: the run cannot have another number, its one-cycle schedule was laid out for 2',
  )
  expect(() => newRun({ epochs: 1 }, states.at(-1))).toThrow('epochs is 1: the run has 2 behind it already')
})

test('an epoch that has begun cannot be left out', async () => {
  const { states } = await train(newRun({ epochs: 2, preset: 'seed', optimizer: 'sgd' }))
  // The second batch of the second epoch.
  expect(() => newRun({ epochs: 1 }, states[8])).toThrow('epochs is 1: the run has 2 begun already')
  expect(newRun({ epochs: 2 }, states[8]).history).toHaveLength(1)
})
