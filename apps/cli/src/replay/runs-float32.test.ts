import { backends, useBackend } from '@handgrad/tensor'
import { afterAll, describe, expect, it } from 'vitest'
import { firstParting, runFreely, runStepwise } from './replay.ts'
import { collect, everything, flippedShare, open, runsIn } from './test/runs.ts'

/** The first so many steps of a horizon; on the fastest backend all of it. */
const PLAIN_STEPS = 15

const timeout = 300_000

afterAll(() => useBackend('reference'))

// Run by run: what rounding explains of one is computed once for all backends.
describe.each(runsIn('float32').map((name, i) => [name, i] as const))('%s', (name, i) => {
  // Of the recorded steps each run has one, unless all is asked for.
  const recorded = [0, 1, 10, 100]
  const steps = everything ? recorded : [recorded[i % 4]]

  it.each(backends())(
    `on %s: steps ${steps.join(', ')} from the recorded state`,
    { timeout },
    async (backend) => {
      useBackend(backend)
      const record = await open(name)
      const replayed = await collect(runStepwise(record, steps))
      expect(firstParting(replayed)).toBeNull()
      expect(flippedShare(replayed)).toBeLessThan(0.01)
      const compared = replayed.map(({ step, rows }) => [step, rows!.length])
      expect(compared).toEqual(steps.map((step) => [step, record.about.tensors.length]))
    },
  )

  it.each(backends())('on %s: losses to 1e-4, running freely', { timeout }, async (backend) => {
    useBackend(backend)
    const record = await open(name)
    const { horizon = 0 } = record.about
    expect(horizon).toBeGreaterThanOrEqual(10)
    const count = everything || backend === backends().at(-1) ? horizon : Math.min(horizon, PLAIN_STEPS)
    const replayed = await collect(runFreely(record, count))
    expect(firstParting(replayed)).toBeNull()
    expect(replayed).toHaveLength(count)
  })
})

it.each(runsIn('channels-last'))('%s has the losses of the other layout, to its horizon', async (name) => {
  const { about, tensors } = await open(name)
  const other = await open(name.replace('channels-last', 'float32'))
  const [ours, theirs] = [tensors.losses.data, other.tensors.losses.data].map((losses) =>
    [...losses].map(Number),
  )
  const apart = ours.findIndex((loss, i) => Math.abs(loss - theirs[i]) > 1e-5 * loss)
  expect(apart === -1 || apart >= about.horizon!).toBe(true)
})
