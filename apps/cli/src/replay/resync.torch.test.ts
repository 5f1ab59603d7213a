import { join } from 'node:path'
import { backends, useBackend } from '@handgrad/tensor'
import { afterAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../test/handgrad.ts'
import { ask, freshSeeds } from '../torch/test/live.ts'
import { readRecord } from './record.ts'
import { firstParting, runStepwise } from './replay.ts'
import { collect, flippedShare } from './test/runs.ts'

const STEPS = 50
const optimizers = [
  { optimizer: 'SGD', options: { lr: 0.1, momentum: 0.9 } },
  { optimizer: 'Adam', options: { lr: 0.001 } },
]

afterAll(() => useBackend('reference'))

describe(`${STEPS} steps on MNIST, each from PyTorch's state before it, on the batch that the seed gives`, () => {
  const runs = freshSeeds(1).flatMap((seed) => optimizers.map((how) => ({ seed, ...how })))
  it.each(runs)('seed $seed, $optimizer $options', async (run) => {
    const folder = temporaryFolder()
    ask(folder, 'record', { args: { ...run, steps: STEPS } })
    const record = await readRecord(join(folder, 'run'))
    for (const backend of backends()) {
      useBackend(backend)
      const replayed = await collect(runStepwise(record))
      expect(firstParting(replayed), backend).toBeNull()
      expect(flippedShare(replayed), backend).toBeLessThan(0.01)
      const compared = replayed.map(({ step, rows }) => [step, rows!.length])
      const all = record.about.tensors.length
      expect(compared, backend).toEqual(Array.from({ length: STEPS }, (_, step) => [step, all]))
    }
  })
})
