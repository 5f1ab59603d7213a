import { backends, defaultGenerator, useBackend } from '@handgrad/tensor'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ByHand } from './test/by-hand/run.ts'
import { collect, data, holdClock, recipes, roughly, runOf, values } from './test/by-hand/setting.ts'

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
})
