import { join } from 'node:path'
import { resolveConfig } from '@handgrad/trainer'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'
import { loadData } from './load-data.ts'

/** Images 0 to 19 of class 7i mod 10. */
const files = idxFiles(20)

const labels = (images: { get(i: number): readonly [unknown, number] }, count: number): number[] =>
  Array.from({ length: count }, (_, i) => images.get(i)[1])

test('the first images of both parts, in their order', async () => {
  const folder = writeFiles(join(temporaryFolder(), 'data'), files)
  const load = (limit: number | null) => loadData(resolveConfig({ limit: limit ?? undefined }), folder)
  const some = await load(6)
  expect([some.train.length, some.test.length]).toEqual([6, 6])
  expect(labels(some.train, 6)).toEqual([0, 7, 4, 1, 8, 5])
  expect(labels(some.test, 6)).toEqual([0, 7, 4, 1, 8, 5])
  for (const limit of [20, 21, null]) {
    const all = await load(limit)
    expect([all.train.length, all.test.length], String(limit)).toEqual([20, 20])
  }
  expect((await load(19)).train.length).toBe(19)
})

test('what is known of a dataset comes with its images', async () => {
  const folder = writeFiles(join(temporaryFolder(), 'data'), files)
  const data = await loadData(resolveConfig({ dataset: 'fashion-mnist' }), folder)
  expect(data.description.name).toBe('fashion-mnist')
  expect(data.classes).toBe(10)
  // What 0 is after normalisation: −mean / std.
  expect(data.background).toBeCloseTo(-data.description.mean / data.description.std, 6)
})

test("files of one's own are not compared with those that came along", async () => {
  const folder = writeFiles(join(temporaryFolder(), 'data'), files)
  await expect(loadData(resolveConfig({ dataset: 'mnist' }), folder)).resolves.toMatchObject({ classes: 10 })
})
