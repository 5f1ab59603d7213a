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

/** Trains to the end; gives every loss, the run's state after each epoch, and the bits of all that is left. */
async function train(run: TrainingRun): Promise<{ losses: number[]; states: Uint8Array[]; end: object }> {
  const losses: number[] = []
  const states: Uint8Array[] = []
  for await (const event of run.events()) {
    if (event.event === 'progress') losses.push(event.loss)
    if (event.event === 'epoch') states.push(saveRunState(run.state()))
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
  test.each(recipes)('%s: saved after each epoch, the rest is the same in every bit', async (_, recipe) => {
    useBackend(backend)
    const whole = await train(newRun({ epochs: 3, backend, threads: 2, ...recipe }))
    expect(whole.states).toHaveLength(3)
    for (const [i, state] of whole.states.entries()) {
      const rest = await train(newRun({ threads: 1 }, state))
      expect(rest.losses).toEqual(whole.losses.slice(-rest.losses.length))
      expect(rest.states).toHaveLength(2 - i)
      expect(rest.end).toEqual(whole.end)
    }
  })
})

test('a constant rate can go on for longer: 2 + 1 epochs are 3', async () => {
  const recipe = { preset: 'seed', optimizer: 'sgd', momentum: 0.5, lr: 0.05 } as const
  const whole = await train(newRun({ epochs: 3, ...recipe }))
  const two = await train(newRun({ epochs: 2, ...recipe }))
  const rest = await train(newRun({ epochs: 3 }, two.states[1]))
  expect(rest.end).toEqual(whole.end)
})

test('a schedule that was laid out for its epochs does not', async () => {
  const { states } = await train(newRun({ epochs: 2 }))
  expect(() => newRun({ epochs: 3 }, states[1])).toThrow(
    'epochs is 3: the run cannot have another number, its one-cycle schedule was laid out for 2',
  )
  expect(() => newRun({ epochs: 1 }, states[1])).toThrow('epochs is 1: the run has 2 behind it already')
})

test('within an epoch there is nothing to save', async () => {
  const run = newRun({ epochs: 1 })
  for await (const { event } of run.events()) {
    if (event === 'progress') expect(() => run.state()).toThrow('a run can be saved between two epochs')
  }
})
