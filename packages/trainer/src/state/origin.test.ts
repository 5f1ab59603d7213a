import { readSafetensors, saveSafetensors } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import type { DataOrigin } from '../data.ts'
import { resolveConfig } from '../resolve-config.ts'
import { barImages } from '../test/bars.ts'
import { TrainingRun } from '../training-run.ts'
import { loadRunState, saveRunState } from './file.ts'
import type { RunState } from './run-state.ts'
import { sealed } from './seal.ts'

const config = resolveConfig({ model: 'mlp', epochs: 1, batchSize: 16, threads: 1 })
const images = { train: barImages(20, 1), test: barImages(5, 2), classes: 10, background: 0 }
const origin: DataOrigin = { dataset: 'mnist', folder: '/mine', digest: `sha256:${'1'.repeat(64)}` }

/** A run on the same images, wherever they are said to be from. */
const newRun = (from: DataOrigin | undefined, state?: RunState): TrainingRun =>
  new TrainingRun(config, { ...images, ...(from === undefined ? {} : { origin: from }) }, state)

const savedBy = (from: DataOrigin | undefined): RunState => loadRunState(saveRunState(newRun(from).state()))

test.each([origin, { ...origin, folder: null }, undefined])('a state keeps %j', (from) => {
  const state = savedBy(from)
  expect(state.data).toEqual(from)
  expect(Object.hasOwn(state, 'data')).toBe(from !== undefined)
})

test('what it keeps is a copy', () => {
  const given = { ...origin }
  const { data } = newRun(given).state()
  given.folder = '/other'
  expect(data).toEqual(origin)
})

test('a run goes on with the same data, wherever it lies, and where one of both does not say', () => {
  const state = savedBy(origin)
  const moved = { ...origin, folder: '/moved', dataset: 'fashion-mnist' }
  expect(newRun(moved, state).state().data).toEqual(moved)
  expect(newRun(undefined, state).state().data).toBeUndefined()
  expect(newRun(origin, savedBy(undefined)).state().data).toEqual(origin)
})

test.each([
  ['/other', 'in /other'],
  [null, 'as it comes'],
])('other data of the same size is refused by name: %s', (folder, name) => {
  const other = { dataset: 'fashion-mnist', folder, digest: `sha256:${'1'.repeat(63)}2` }
  expect(() => newRun(other, savedBy(origin))).toThrow(
    `run state: was made with mnist in /mine (sha256:111111111111…), not with fashion-mnist ${name} (sha256:111111111111…): go on with its own data, or start a new run`,
  )
})

test.each<[string, unknown]>([
  ['no object', 'mnist'],
  ['null', null],
  ['no dataset', { ...origin, dataset: undefined }],
  ['a folder that is a number', { ...origin, folder: 3 }],
  ['no folder', { ...origin, folder: undefined }],
  ['no digest', { ...origin, digest: 7 }],
])('data is refused where it is %s', (_, data) => {
  const { tensors, metadata } = readSafetensors(saveRunState(newRun(origin).state()))
  const run = { ...(JSON.parse(metadata!.run) as object), data }
  const bytes = sealed((checksum) =>
    saveSafetensors(tensors, { ...metadata, run: JSON.stringify(run), ...checksum }),
  )
  expect(() => loadRunState(bytes)).toThrow(
    /^run state: data (is not an object|has no strings dataset, folder \(or null\) and digest)$/,
  )
})
