import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { readSafetensors } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { artifacts, handgrad, jsonLines, linesOf, quick, temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'
import { smallMnist } from '../test/small-mnist.ts'

const readText = (...path: string[]): string => readFileSync(join(...path), 'utf8')

/** Width and height in a PNG's header. */
function pngSize(bytes: Buffer): [number, number] {
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
}

test('trains on MNIST: a row per epoch, the accuracy, and every file of the run', async () => {
  const cwd = temporaryFolder()
  const bundled = 'train --limit 200 --epochs 2 --batch-size 16'.split(' ')
  const { code, out, err } = await handgrad(cwd, bundled)
  expect(err).toBe('')
  expect(code).toBe(0)
  const lines = linesOf(out)
  expect(lines[0]).toMatch(/epoch +train loss +train acc +val loss +val acc +seconds +images\/s/)
  expect(lines[1]).toMatch(/^ +1\/2 +\d\.\d{4} +\d+\.\d\d % +\d\.\d{4} +\d+\.\d\d % +\d+\.\d +[\d,]+$/)
  expect(lines[2]).toMatch(/^ +2\/2 /)
  expect(lines[3]).toMatch(/^test accuracy \d+\.\d\d %, test loss \d\.\d{4}, trained at [\d,]+ images\/s$/)
  const run = join(cwd, 'runs', 'seed-1')
  expect(readdirSync(run).sort()).toEqual(artifacts)
  expect(lines[4]).toBe('loss: • training  ○ validation  ● both')
  expect(lines[15]).toMatch(/^best epoch \d of 2: validation loss \d\.\d{4}, accuracy \d+\.\d\d %$/)
  expect(lines[16]).toMatch(/^most confused: \d taken for \d \(\d+\), /)
  expect(lines[17]).toBe('gradient norms, for the first batch of training images:')
  expect(lines[18]).toMatch(/^ {2}0 Conv2d\(1→8, 3×3\) {3}\d\.\d\de[+-]\d {2}█+$/)
  expect(lines[21]).toBe('written:')
  expect(lines.slice(22).sort()).toEqual(artifacts.map((name) => `  runs/seed-1/${name}`))

  const config = JSON.parse(readText(run, 'config.json'))
  expect(config).toMatchObject({ preset: 'default', seed: 0, lr: 0.1, momentum: 0.9, schedule: 'one-cycle' })
  expect(config).toMatchObject({
    epochs: 2,
    batchSize: 16,
    limit: 200,
    threads: availableParallelism(),
    backend: 'simd',
    turbo: false,
  })
  expect(config.images).toEqual({ training: 160, validation: 40, test: 200 })
  expect(config.versions.node).toBe(process.versions.node)

  const metrics = jsonLines(readText(run, 'metrics.jsonl'))
  expect(metrics.map(({ event }) => event)).toEqual(['epoch', 'epoch', 'done'])
  expect(metrics[1].trainLoss).toBeLessThan(metrics[0].trainLoss as number)

  expect(pngSize(readFileSync(join(run, 'curves.png')))).toEqual([1920, 880])
  expect(pngSize(readFileSync(join(run, 'confusion.png')))).toEqual([1520, 1480])
  const svg = readText(run, 'curves.svg')
  for (const text of ['training', 'validation', 'loss', 'accuracy (%)', 'epoch']) expect(svg).toContain(text)
})

test('--turbo is in config.json when it is in force, and says why when it is not', async () => {
  const cwd = temporaryFolder()
  const { code, err } = await handgrad(cwd, [...quick, '--turbo', '--out', 'fast'])
  expect(code).toBe(0)
  const { turbo } = JSON.parse(readText(cwd, 'fast', 'config.json'))
  expect(turbo).toBe(process.arch === 'x64')
  if (turbo) expect(err).not.toContain('--turbo')
  else
    expect(err).toContain(
      'note: --turbo: this engine cannot revectorise WebAssembly; training goes on without',
    )

  const slow = await handgrad(cwd, [...quick, '--turbo', '--backend', 'reference', '--out', 'slow'])
  expect(slow.err).toContain(
    'note: --turbo: reference has no kernels to speed up; training goes on without\n',
  )
  expect(JSON.parse(readText(cwd, 'slow', 'config.json')).turbo).toBe(false)
})

test('the model has the names and shapes of torch.nn', async () => {
  const cwd = temporaryFolder()
  const { code } = await handgrad(cwd, [...quick, '--model', 'lenet5', '--out', 'here', '--quiet'])
  expect(code).toBe(0)
  const bytes = readFileSync(join(cwd, 'here', 'model.safetensors'))
  const { tensors, metadata } = readSafetensors(bytes)
  const shapes = Object.entries(tensors).map(([name, { shape }]) => [name, [...shape]])
  expect(Object.fromEntries(shapes)).toEqual({
    '0.weight': [6, 1, 5, 5],
    '0.bias': [6],
    '3.weight': [16, 6, 5, 5],
    '3.bias': [16],
    '7.weight': [120, 400],
    '7.bias': [120],
    '9.weight': [84, 120],
    '9.bias': [84],
    '11.weight': [10, 84],
    '11.bias': [10],
  })
  expect(metadata).toMatchObject({ format: 'pt', model: 'lenet5' })
})

test('--json prints an object per epoch and one at the end, and nothing else on stdout', async () => {
  const cwd = temporaryFolder()
  const { code, out, err } = await handgrad(cwd, [...quick, '--json', '--out', 'a/b'])
  expect([code, err]).toEqual([0, ''])
  const events = jsonLines(out)
  expect(events.map(({ event }) => event)).toEqual(['epoch', 'epoch', 'done'])
  expect(events[0]).toMatchObject({ epoch: 1, epochs: 2 })
  for (const key of ['trainLoss', 'trainAccuracy', 'validationLoss', 'validationAccuracy', 'seconds']) {
    expect(events[1][key]).toEqual(expect.any(Number))
  }
  expect(Object.keys(events[2])).toEqual([
    'event',
    'testAccuracy',
    'testLoss',
    'imagesPerSecond',
    'run',
    'best',
    'mostConfused',
    'gradientNorms',
  ])
  expect(events[2].run).toBe(join(cwd, 'a', 'b'))
  expect(events[2].imagesPerSecond).toBeGreaterThan(0)
})

test('the same seed gives the same numbers; runs get names of their own', async () => {
  const cwd = temporaryFolder()
  const args = [...quick, '--quiet', '--seed']
  const first = await handgrad(cwd, [...args, '4'])
  const again = await handgrad(cwd, [...args, '4'])
  const other = await handgrad(cwd, [...args, '5'])
  const result = ({ out }: { out: string }): string => linesOf(out)[0].replace(/, trained.*/, '')
  expect(result(again)).toBe(result(first))
  expect(result(other)).not.toBe(result(first))
  expect(readdirSync(join(cwd, 'runs')).sort()).toEqual(['mlp-1', 'mlp-2', 'mlp-3'])
  const model = (run: string): Buffer => readFileSync(join(cwd, 'runs', run, 'model.safetensors'))
  expect(model('mlp-2').equals(model('mlp-1'))).toBe(true)
  expect(model('mlp-3').equals(model('mlp-1'))).toBe(false)
})

test('--quiet prints the result only; --threads says what is done', async () => {
  const cwd = temporaryFolder()
  const { out, err } = await handgrad(cwd, [
    ...quick,
    '--backend',
    'reference',
    '--threads',
    '2',
    '--out',
    'x',
  ])
  expect(err).toBe('note: --threads 2: reference trains on 1 thread\n')
  expect(out).toMatch(/^ +epoch/)
  const quietly = await handgrad(cwd, [...quick, '--threads', '2', '--out', 'y', '--quiet'])
  expect(quietly.err).toBe('')
  expect(quietly.out).toMatch(/^test accuracy/)
  expect(JSON.parse(readText(cwd, 'x', 'config.json')).threads).toBe(1)
  expect(JSON.parse(readText(cwd, 'y', 'config.json')).threads).toBe(2)
})

test.each([
  [{ NO_COLOR: '1' }, false],
  [{ FORCE_COLOR: '1' }, true],
  [{ TERM: 'dumb' }, false],
  [{}, false],
])('colour with %j, piped: %s', async (env, coloured) => {
  const { out } = await handgrad(temporaryFolder(), ['data', 'mnist', '--data-dir', smallMnist()], env)
  expect(out.includes('\u001b[')).toBe(coloured)
})

test('a row per epoch in colour', async () => {
  const { out } = await handgrad(temporaryFolder(), [...quick, '--epochs', '1'], { FORCE_COLOR: '1' })
  expect(linesOf(out)[0]).toContain('\u001b[')
})

test('a folder of IDX files is learned', async () => {
  const cwd = temporaryFolder()
  writeFiles(join(cwd, 'bars'), idxFiles(100))
  const args = ['--data-dir', 'bars', '--dataset', 'fashion-mnist', '--model', 'mlp', '--epochs', '20']
  const { code, out } = await handgrad(cwd, ['train', ...args, '--batch-size', '8', '--json'])
  expect(code).toBe(0)
  expect(jsonLines(out).at(-1).testAccuracy).toBeGreaterThan(0.95)
  expect(JSON.parse(readText(cwd, 'runs', 'mlp-1', 'config.json')).dataDir).toBe(join(cwd, 'bars'))
})

test.each([[['--help']], [['train', '--help']]])(
  '%j shows options, examples and exit codes',
  async (args) => {
    const { code, out, err } = await handgrad(temporaryFolder(), args)
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('train')
    if (args[0] === 'train') expect(out).toContain('Examples:\n  handgrad train')
    expect(out).toContain('Exit codes:')
  },
)
