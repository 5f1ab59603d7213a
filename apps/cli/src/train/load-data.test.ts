import { join } from 'node:path'
import { Subset } from '@handgrad/data'
import { resolveConfig } from '@handgrad/trainer'
import { expect, test, vi } from 'vitest'
import { temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'
import { loadData } from './load-data.ts'

/** Where the data comes from by itself, as it may be on another machine. */
const home = vi.hoisted(() => ({ folder: '' }))
vi.mock('./data-folder.ts', () => ({
  dataFolder: (_: string, dataDir: string | undefined) => dataDir ?? home.folder,
}))

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
    // All images are the images themselves, not a selection that has to be looked up.
    for (const part of [all.train, all.test]) expect(part).not.toBeInstanceOf(Subset)
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

test('files that come by themselves are compared where it is known what they are', async () => {
  home.folder = writeFiles(join(temporaryFolder(), 'data'), files)
  await expect(loadData(resolveConfig({ dataset: 'mnist' }), undefined)).rejects.toThrow(
    /MD5 is [0-9a-f]{32}, expected [0-9a-f]{32}: this is not the original file of MNIST/,
  )
  const { origin } = await loadData(resolveConfig({ dataset: 'fashion-mnist' }), undefined)
  expect(origin).toEqual({
    dataset: 'fashion-mnist',
    folder: null,
    digest: expect.stringMatching(/^sha256:/),
  })
})
