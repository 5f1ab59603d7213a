import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { backends } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { artifacts, inProcess, jsonLines, linesOf, temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'

/** A folder with 30 images of a user's own in `bars`. */
function place(): string {
  const cwd = temporaryFolder()
  writeFiles(join(cwd, 'bars'), idxFiles(30))
  return cwd
}

const bars = 'train --data-dir bars --dataset fashion-mnist --model mlp --batch-size 8 --threads 1'.split(' ')
const configOf = (cwd: string, run: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(cwd, run, 'config.json'), 'utf8'))

test('a run on images of one’s own goes on with them, in the same folder or in another', async () => {
  const cwd = place()
  const args = [...bars, '--preset', 'seed', '--epochs']
  expect(await inProcess(cwd, [...args, '1', '--out', 'run'])).toMatchObject({ code: 0, err: '' })
  const elsewhere = await inProcess(cwd, 'train --resume run --epochs 2 --out rest --json'.split(' '))
  expect(elsewhere).toMatchObject({ code: 0, err: '' })
  expect(readdirSync(join(cwd, 'rest')).sort()).toEqual(artifacts)
  expect(linesOf(readFileSync(join(cwd, 'run', 'metrics.jsonl'), 'utf8'))).toHaveLength(2)
  const here = await inProcess(cwd, 'train --resume run --epochs 2 --json'.split(' '))
  const untimed = ({ out }: { out: string }): object[] =>
    jsonLines(out).map((event) => ({ ...event, seconds: 0, imagesPerSecond: 0, run: '' }))
  expect(untimed(here)).toEqual(untimed(elsewhere))
  for (const run of ['run', 'rest']) {
    const { images, epochs, dataDir } = configOf(cwd, run)
    expect({ images, epochs }).toEqual({ images: { training: 24, validation: 6, test: 30 }, epochs: 2 })
    expect(dataDir).toBe(join(cwd, 'bars'))
  }
})

test('a run that fails after an epoch keeps what it has; before the first it leaves nothing', async () => {
  const cwd = place()
  const failing = [...bars, '--lr', '1e12', '--json', '--out']
  const early = await inProcess(cwd, [...failing, 'early'])
  expect(early).toMatchObject({ code: 1, out: '' })
  expect(early.err).toMatch(/^error: the loss became (NaN|Infinity) \(training, epoch 1, batch \d\): /)
  expect(readdirSync(cwd)).toEqual(['bars'])

  // All 24 images are one batch: the first epoch is over before the weights have grown.
  const late = await inProcess(cwd, [...failing, 'late', '--batch-size', '24'])
  expect(late.code).toBe(1)
  expect(late.err).toMatch(/^error: the loss became (NaN|Infinity) \((training|evaluation), epoch [2-5], /)
  const epochs = jsonLines(late.out)
  expect(epochs.length).toBeGreaterThan(0)
  expect(readdirSync(join(cwd, 'late')).sort()).toEqual(['config.json', 'metrics.jsonl', 'state.safetensors'])
  expect(jsonLines(readFileSync(join(cwd, 'late', 'metrics.jsonl'), 'utf8'))).toEqual(epochs)
})

test('the reference trains on one thread, and says so only to who asked for more', async () => {
  const cwd = place()
  const signals = process.listenerCount('SIGTERM')
  const args = [...bars.slice(0, -2), '--epochs', '1', '--backend', 'reference', '--out']
  expect(await inProcess(cwd, [...args, 'a'])).toMatchObject({ code: 0, err: '' })
  expect(await inProcess(cwd, [...args, 'b', '--threads', '1'])).toMatchObject({ code: 0, err: '' })
  expect(await inProcess(cwd, [...args, 'c', '--threads', '3'])).toMatchObject({
    code: 0,
    err: 'note: --threads 3: reference trains on 1 thread\n',
  })
  for (const run of ['a', 'b', 'c'])
    expect(configOf(cwd, run)).toMatchObject({ threads: 1, backend: 'reference' })

  // It is the textbook code that ran: the same numbers each time, and not those of the kernels, but near them.
  const lossOf = (run: string): number =>
    jsonLines(readFileSync(join(cwd, run, 'metrics.jsonl'), 'utf8'))[0]['trainLoss'] as number
  await inProcess(cwd, [...bars, '--epochs', '1', '--out', 'd'])
  expect(lossOf('b')).toBe(lossOf('a'))
  expect(lossOf('d')).toBeCloseTo(lossOf('a'), 4)
  if (backends().length > 1) expect(lossOf('d')).not.toBe(lossOf('a'))
  expect(process.listenerCount('SIGTERM'), 'signals after runs').toBe(signals)
})
