import { expect, it } from 'vitest'
import { firstParting, runFreely } from './replay.ts'
import { collect, everything, flippedShare, names, open, runsIn } from './test/runs.ts'

/** The run that goes a little further, where not all go all 100 steps. */
const LONG = 'adam-3-float64'

it('finds two seeds of three optimizers in three forms', () => {
  const expected = ['adam', 'momentum', 'sgd'].flatMap((optimizer) =>
    ['channels-last', 'float32', 'float64'].flatMap((form) =>
      [3, 4].map((seed) => `${optimizer}-${seed}-${form}`),
    ),
  )
  expect(names.toSorted()).toEqual(expected.toSorted())
})

for (const name of runsIn('float64')) {
  const last = everything ? 100 : name === LONG ? 10 : 1
  it(`${name}: losses and tensors to 1e-10, to step ${last}`, { timeout: 300_000 }, async () => {
    const replayed = await collect(runFreely(await open(name), last + 1))
    expect(firstParting(replayed)).toBeNull()
    expect(flippedShare(replayed)).toBeLessThan(0.01)
    expect(replayed).toHaveLength(last + 1)
    const compared = replayed.filter(({ rows }) => rows !== undefined).map(({ step }) => step)
    expect(compared).toEqual([0, 1, 10, 100].filter((step) => step <= last))
  })
}
