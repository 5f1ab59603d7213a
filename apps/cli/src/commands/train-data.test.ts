import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensors } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { handgrad, jsonLines, temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'

const args = 'train --preset seed --model mlp --batch-size 16 --json --quiet'.split(' ')
const losses = (out: string): unknown[] =>
  jsonLines(out).map(({ trainLoss, testLoss }) => trainLoss ?? testLoss)

/** A folder with a run of one epoch on 40 images of its own, in `run`; the images are in `data`. */
async function newRun(): Promise<string> {
  const cwd = temporaryFolder()
  writeFiles(join(cwd, 'data'), idxFiles(40))
  const { code, err } = await handgrad(cwd, [...args, '--epochs', '1', '--data-dir', 'data', '--out', 'run'])
  expect([code, err]).toEqual([0, ''])
  return cwd
}

const resume = (cwd: string, run: string, ...more: string[]) =>
  handgrad(cwd, ['train', '--resume', run, '--epochs', '2', '--json', ...more])

const configOf = (cwd: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(cwd, 'run', 'config.json'), 'utf8')) as Record<string, unknown>

/** Another dataset of the same size in `<cwd>/elsewhere/data`. */
function elsewhere(cwd: string): string {
  const files = idxFiles(40)
  const labels = files['train-labels-idx1-ubyte']
  labels[8] = (labels[8] + 1) % 10
  writeFiles(join(cwd, 'elsewhere', 'data'), files)
  return join(cwd, 'elsewhere')
}

const timeout = 120_000

test('a run knows its data from any folder: the absolute path and a digest', { timeout }, async () => {
  const cwd = await newRun()
  const { dataDir, dataDigest } = configOf(cwd)
  expect(dataDir).toBe(join(cwd, 'data'))
  const { metadata } = readSafetensors(readFileSync(join(cwd, 'run', 'state.safetensors')))
  const kept = (JSON.parse(metadata!.run) as { data: object }).data
  expect(kept).toEqual({ dataset: 'mnist', folder: dataDir, digest: dataDigest })

  const whole = await handgrad(cwd, [...args, '--epochs', '2', '--data-dir', 'data', '--out', 'whole'])
  const there = elsewhere(cwd)
  const out = join(there, 'torch')
  const exported = await handgrad(there, ['export', '--to', 'torch', '../run', '--out', out])
  expect([exported.code, exported.err]).toEqual([0, ''])
  expect(readFileSync(join(out, 'train.py'), 'utf8')).toContain(`DATA = ${JSON.stringify(dataDir)}`)
  expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'))).toMatchObject({ dataDir })

  const { code, out: text, err } = await resume(there, '../run')
  expect([code, err]).toEqual([0, ''])
  expect(losses(text)).toEqual(losses(whole.out).slice(1))
  expect(configOf(cwd)).toMatchObject({ dataDir, dataDigest, epochs: 2 })
})

test('other data is refused by name, and moved data is not', { timeout }, async () => {
  const cwd = await newRun()
  const there = elsewhere(cwd)
  const before = readFileSync(join(cwd, 'run', 'config.json'))
  const other = await resume(there, '../run', '--data-dir', 'data')
  expect([other.code, other.out]).toEqual([1, ''])
  expect(other.err).toMatch(
    /^error: run state: was made with mnist in \S+\/data \(sha256:[0-9a-f]{12}…\), not with mnist in \S+\/elsewhere\/data \(sha256:[0-9a-f]{12}…\): go on with its own data, or start a new run\n$/,
  )
  expect(other.err).toContain(`mnist in ${join(cwd, 'data')} (`)
  const own = join(cwd, 'data')
  renameSync(own, join(cwd, 'moved'))
  // Also when its folder holds something else now.
  renameSync(join(there, 'data'), own)
  expect((await resume(cwd, 'run')).err).toContain(`was made with mnist in ${own} (`)
  expect(readFileSync(join(cwd, 'run', 'config.json'))).toEqual(before)
  const moved = await resume(there, '../run', '--data-dir', '../moved')
  expect([moved.code, moved.err]).toEqual([0, ''])
  expect(configOf(cwd)['dataDir']).toBe(join(cwd, 'moved'))
})

test('without config.json it goes on with its own data, and says so', { timeout }, async () => {
  const cwd = await newRun()
  const config = configOf(cwd)
  rmSync(join(cwd, 'run', 'config.json'))
  const { code, err } = await resume(cwd, 'run')
  expect([code, err]).toEqual([
    0,
    'note: run/config.json is gone: its state counts, as it does for all else\n',
  ])
  expect(configOf(cwd)).toEqual({ ...config, epochs: 2 })
})
