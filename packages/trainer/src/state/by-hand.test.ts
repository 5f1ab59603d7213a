import { manualSeed, readSafetensors, useBackend } from '@handgrad/tensor'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ByHand, type Recipe } from '../test/by-hand/run.ts'
import {
  collect,
  configOf,
  data,
  holdClock,
  recipes,
  roughly,
  runOf,
  values,
} from '../test/by-hand/setting.ts'
import type { TrainingRun } from '../training-run.ts'
import { loadRunState, saveRunState } from './file.ts'
import type { RunState } from './run-state.ts'

beforeEach(holdClock)
afterEach(() => {
  vi.restoreAllMocks()
  useBackend('simd')
})

/** The run after its first epoch, or before it. */
async function standing(recipe: Recipe, epochs: number): Promise<TrainingRun> {
  const run = runOf(recipe)
  if (epochs === 0) return run
  for await (const { event } of run.events()) if (event === 'epoch' && run.history.length === epochs) break
  return run
}

/** A recipe is at a step of its schedule that its epochs and batches say. */
const scheduleOf = ({ schedule, batchSize }: Recipe, hand: ByHand, epochs: number): object | null => {
  if (schedule === 'constant') return null
  const each = schedule === 'one-cycle' ? Math.ceil(5 / batchSize) : 1
  return { lastEpoch: epochs * each, lr: hand.rateAt(hand.steps) }
}

/** All of a state as plain values; the best epoch is compared elsewhere. */
const plain = ({ model, optimizer, ...rest }: RunState): object => ({
  ...rest,
  best: undefined,
  model: values(model),
  optimizer: { options: optimizer.options, state: optimizer.state.map(values) },
})

const expected = (recipe: Recipe, hand: ByHand, epochs: number): unknown =>
  roughly({
    config: configOf(recipe),
    images: { training: 5, validation: 2, test: 4 },
    model: hand.model,
    optimizer: { options: hand.options, state: hand.kept },
    schedule: scheduleOf(recipe, hand, epochs),
    generator: hand.draws.generator.getState(),
    history: hand.history,
  })

/** Writes nonsense over all that a state holds. */
function scribble({ config, images, model, optimizer, schedule, generator, history }: RunState): void {
  for (const tensors of [model, ...optimizer.state])
    for (const { data: numbers } of Object.values(tensors)) numbers.fill(Number.NaN)
  const { betas } = optimizer.options as { betas?: number[] }
  betas?.fill(77)
  for (const part of [...history, config, images, optimizer.options, schedule ?? {}])
    for (const key of Object.keys(part)) if (key !== 'betas') Object.assign(part, { [key]: 77 })
  generator.fill(77)
  ;(history as object[]).length = 0
}

describe.each(Object.entries(recipes))('%s', (_, recipe) => {
  test.each([0, 1])('a state after %i epochs holds every number of the run', async (epochs) => {
    const run = await standing(recipe, epochs)
    const hand = new ByHand(recipe, data, { upTo: epochs })
    expect(plain(run.state())).toEqual(expected(recipe, hand, epochs))
    expect(plain(loadRunState(saveRunState(run.state())))).toEqual(expected(recipe, hand, epochs))
  })

  test('the file has torch\u2019s names, and the rest as JSON', async () => {
    const run = await standing(recipe, 1)
    const hand = new ByHand(recipe, data, { upTo: 1 })
    const { tensors, metadata } = readSafetensors(saveRunState(run.state()))
    const named = (prefix: string, of: object) =>
      Object.entries(of).map(([name, value]) => [`${prefix}${name}`, value])
    const all = [
      ...named('model.', hand.model),
      ...hand.kept.flatMap((kept, i) => named(`optimizer.${i}.`, kept)),
      ['generator.default', [...hand.draws.generator.getState()]],
    ]
    const own = Object.entries(tensors).filter(([name]) => !name.startsWith('best.'))
    const came = own.map(([name, { data: numbers }]) => [name, Array.from(numbers, Number)])
    expect(Object.fromEntries(came)).toEqual(roughly(Object.fromEntries(all)))
    const { run: json, ...marks } = metadata!
    expect(marks).toEqual({
      format: 'pt',
      'handgrad.run-state': '2',
      crc32: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
    })
    expect(JSON.parse(json)).toEqual(
      roughly({
        config: configOf(recipe),
        images: { training: 5, validation: 2, test: 4 },
        sampler: { epoch: 1, batch: 0 },
        optimizer: { parameters: 2, options: hand.options },
        schedule: scheduleOf(recipe, hand, 1),
        history: hand.history,
      }),
    )
  })

  test.each([0, 1, Infinity])(
    'gone on with after %d epochs, or all, the rest is as by hand',
    async (after) => {
      const from = Math.min(after, recipe.epochs)
      const saved = saveRunState((await standing(recipe, from)).state())
      manualSeed(99)
      const state = loadRunState(saved)
      const resumed = runOf(recipe, state)
      scribble(state)
      const hand = new ByHand(recipe, data, { from })
      expect(await collect(resumed)).toEqual(roughly(hand.events))
      expect(resumed.history).toEqual(roughly(hand.history))
      expect(values(resumed.net.stateDict())).toEqual(roughly(hand.model))
      expect(resumed.optimizer.stateDict().options).toEqual(roughly(hand.options))
    },
  )

  test('a state is a copy: what is written to it, or trained after it, stays on its side', async () => {
    const run = runOf(recipe)
    const hand = new ByHand(recipe, data)
    const kept: RunState[] = []
    for await (const { event } of run.events()) {
      if (event !== 'epoch' || run.history.length > 1) continue
      kept.push(run.state())
      scribble(run.state())
    }
    expect(run.history).toEqual(roughly(hand.history))
    expect(run.config).toEqual(configOf(recipe))
    expect(values(run.net.stateDict())).toEqual(roughly(hand.model))
    const first = new ByHand(recipe, data, { upTo: 1 })
    expect(plain(kept[0])).toEqual(expected(recipe, first, 1))
  })
})
