import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { backends } from '@handgrad/tensor'
import { expect, test, vi } from 'vitest'
import { artifacts, inProcess, jsonLines, linesOf, temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'

vi.mock('../plots/png.ts', () => import('../test/no-pictures.ts'))

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

test('a number that is not finite ends a run with 3, and what was saved before stays', async () => {
  const cwd = place()
  const failing = [...bars, '--lr', '1e12', '--json', '--out']
  const early = await inProcess(cwd, [...failing, 'early'])
  expect(early).toMatchObject({ code: 3, out: '' })
  expect(early.err).toMatch(
    /^error: .* \(training, epoch 1, batch \d\).*: a learning rate below 1000000000000 usually helps; the last good checkpoint stays in early$/m,
  )
  const kept = ['config.json', 'state.safetensors']
  expect(readdirSync(join(cwd, 'early')).sort()).toEqual(kept)

  // All 24 images are one batch: the first epoch is over before the weights have grown.
  const late = await inProcess(cwd, [...failing, 'late', '--batch-size', '24'])
  expect(late.code).toBe(3)
  expect(late.err).toMatch(/^error: .*\((training|evaluation), epoch [2-5], /m)
  const epochs = jsonLines(late.out)
  expect(epochs.length).toBeGreaterThan(0)
  const files = ['best.safetensors', ...kept, 'metrics.jsonl', 'state.before.safetensors']
  expect(readdirSync(join(cwd, 'late')).sort()).toEqual(files.toSorted())
  expect(jsonLines(readFileSync(join(cwd, 'late', 'metrics.jsonl'), 'utf8'))).toEqual(epochs)
})

test('--min-accuracy: 3 where the test comes out below, and all is there', async () => {
  const cwd = place()
  const args = [...bars, '--epochs', '1', '--json', '--min-accuracy']
  const below = await inProcess(cwd, [...args, '1', '--out', 'below'])
  const accuracy = jsonLines(below.out).at(-1)['testAccuracy'] as number
  expect(accuracy).toBeLessThan(1)
  const shown = `${(accuracy * 100).toFixed(2)} %`
  expect([below.code, below.err]).toEqual([
    3,
    `error: test accuracy ${shown} is below --min-accuracy 100.00 %\n`,
  ])
  expect(readdirSync(join(cwd, 'below'))).toContain('confusion.png')
  const reached = await inProcess(cwd, [...args, String(accuracy), '--out', 'reached'])
  expect([reached.code, reached.err]).toEqual([0, ''])
})

test('--config: any run’s config.json starts the same run again; options count more', async () => {
  const cwd = place()
  await inProcess(cwd, [...bars, '--seed', '5', '--epochs', '1', '--out', 'one'])
  const again = ['train', '--config', join('one', 'config.json'), '--json']
  expect(await inProcess(cwd, [...again, '--out', 'two'])).toMatchObject({ code: 0, err: '' })
  const weights = (run: string): Buffer => readFileSync(join(cwd, run, 'model.safetensors'))
  expect(weights('two').equals(weights('one'))).toBe(true)
  await inProcess(cwd, [...again, '--seed', '6', '--out', 'three'])
  expect(weights('three').equals(weights('one'))).toBe(false)
  const other = { ...configOf(cwd, 'one'), dataDigest: 'sha256:0' }
  writeFileSync(join(cwd, 'other.json'), JSON.stringify(other))
  const noted = await inProcess(cwd, ['train', '--config', 'other.json', '--json', '--out', 'four'])
  expect([noted.code, noted.err]).toEqual([
    0,
    'note: --config other.json was written for other data: this is another run\n',
  ])
  expect(configOf(cwd, 'three')).toEqual({ ...configOf(cwd, 'one'), seed: 6 })
})

test('--init: a run starts from the weights of another, and says so', async () => {
  const cwd = place()
  await inProcess(cwd, [...bars, '--epochs', '1', '--out', 'one'])
  const args = [...bars, '--epochs', '1', '--preset', 'seed', '--json']
  const from = await inProcess(cwd, [...args, '--init', 'one', '--out', 'two'])
  const fresh = await inProcess(cwd, [...args, '--out', 'three'])
  const lossOf = ({ out }: { out: string }): number => jsonLines(out)[0]['trainLoss'] as number
  expect([from.code, from.err]).toEqual([0, ''])
  expect(lossOf(from)).toBeLessThan(lossOf(fresh))
  expect(configOf(cwd, 'two')).toMatchObject({ init: join(cwd, 'one', 'model.safetensors') })
  expect(configOf(cwd, 'three')).not.toHaveProperty('init')
  expect(await inProcess(cwd, 'train --resume two --epochs 2 --quiet'.split(' '))).toMatchObject({ code: 0 })
  expect(configOf(cwd, 'two')).toMatchObject({ init: join(cwd, 'one', 'model.safetensors'), epochs: 2 })
  const resumed = await inProcess(cwd, 'train --resume two --init one'.split(' '))
  expect([resumed.code, resumed.err]).toEqual([
    2,
    'error: --init and --config do not go with --resume: the run has its own\n',
  ])
  const other = await inProcess(cwd, [...args, '--model', 'seed', '--init', 'one', '--out', 'four'])
  expect(other.code).toBe(1)
  expect(other.err).toMatch(/^error: one.model\.safetensors: Sequential\(8 layers\)\.loadStateDict: missing /)
  expect(readdirSync(cwd)).not.toContain('four')
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
