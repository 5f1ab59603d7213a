import { DataLoader, TensorDataset } from '@handgrad/data'
import { tensor } from '@handgrad/tensor'
import { afterEach, expect, test, vi } from 'vitest'
import { Confusion } from './confusion.ts'
import { Pass } from './pass.ts'

afterEach(() => vi.restoreAllMocks())

test('a batch takes as long as its preparation and its step, not what is done between them', () => {
  let now = 5000
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  const loader = new DataLoader(new TensorDataset(tensor([[1], [2], [3]]), tensor(Int32Array.of(0, 1, 1))), {
    batchSize: 2,
  })
  const fill = loader.fill.bind(loader)
  vi.spyOn(loader, 'fill').mockImplementation((...to) => {
    now += 500
    fill(...to)
  })
  const pass = new Pass(loader)
  const { tally } = pass
  const confusion = new Confusion(2)
  const step = ([x]: readonly [{ readonly shape: readonly number[] }, unknown]) => {
    now += 250
    return { loss: 3, predicted: new Int32Array(x.shape[0]).fill(1) }
  }
  const done: unknown[] = []
  for (const batch of pass.run(step, confusion)) {
    done.push(batch)
    now += 60_000
  }
  expect(done).toEqual([
    { images: 2, seconds: 0.75 },
    { images: 1, seconds: 0.75 },
  ])
  expect([tally.seconds, tally.images, tally.loss, tally.accuracy]).toEqual([1.5, 3, 3, 2 / 3])
  expect([...confusion.counts]).toEqual([0, 1, 0, 2])
})
