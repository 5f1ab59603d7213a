import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { inProcess, jsonLines, linesOf } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'

const cwd = mkdtempSync(join(tmpdir(), 'handgrad-'))
let metrics: Record<string, unknown>[]

beforeAll(async () => {
  writeFiles(join(cwd, 'bars'), idxFiles(60))
  const words =
    'train --data-dir bars --model mlp --preset seed --epochs 3 --batch-size 8 --threads 1 --out run'
  const { code, err } = await inProcess(cwd, words.split(' '))
  if (code !== 0) throw new Error(err)
  metrics = jsonLines(readFileSync(join(cwd, 'run', 'metrics.jsonl'), 'utf8'))
}, 60_000)

const evaluated = async (...words: string[]): Promise<Record<string, any>> => {
  const { code, out, err } = await inProcess(cwd, ['eval', ...words, '--json'])
  expect([code, err]).toEqual([0, ''])
  return jsonLines(out)[0]
}

test('the test comes to what the run said, number for number', async () => {
  const found = await evaluated('run')
  const { testLoss, testAccuracy } = metrics.at(-1)
  expect(found).toMatchObject({
    event: 'evaluated',
    part: 'test',
    images: 60,
    loss: testLoss,
    accuracy: testAccuracy,
  })
  const { confusion, classes } = found as { confusion: number[][]; classes: Record<string, unknown>[] }
  expect(confusion.flat().reduce((sum, count) => sum + count)).toBe(60)
  for (const [i, row] of classes.entries()) {
    const [images, right] = [confusion[i].reduce((sum, count) => sum + count), confusion[i][i]]
    const taken = confusion.reduce((sum, counts) => sum + counts[i], 0)
    expect(row).toMatchObject({
      name: String(i),
      images,
      right,
      recall: right / images,
      precision: taken === 0 ? null : right / taken,
    })
    expect(row['confusedWith'] === null).toBe(right === images)
  }
})

test('the images that validated the run, with the best weights, too', async () => {
  const losses = metrics.slice(0, 3).map((epoch) => epoch['validationLoss'] as number)
  const found = await evaluated('run', '--part', 'validation', '--best')
  expect(found).toMatchObject({ part: 'validation', images: 12, loss: Math.min(...losses) })
  const last = await evaluated('run', '--part', 'validation')
  expect(last).toMatchObject({ loss: losses[2] })
})

test('--quiet: one line; on a narrow terminal no line is longer than it', async () => {
  const quiet = await inProcess(cwd, ['eval', 'run', '--quiet'])
  expect(quiet).toMatchObject({ code: 0, err: '' })
  expect(quiet.out).toMatch(/^<bold>accuracy \d+\.\d\d %<\/>, loss \d\.\d{4}\n$/)
  const { out } = await inProcess(cwd, ['eval', 'run'], { columns: 36 })
  expect(out).toContain('recall')
  expect(Math.max(...linesOf(out).map((line) => line.replace(/<\w+>|<\/>/g, '').length))).toBeLessThanOrEqual(
    36,
  )
  const narrow = await inProcess(cwd, ['eval', 'run'], { columns: 32 })
  expect(narrow.out).not.toContain('true class')
  expect(out).toContain('true class')
})

test('a file of weights, with its data named', async () => {
  const file = await evaluated('run/model.safetensors', '--data-dir', 'bars')
  expect(file).toMatchObject({ loss: metrics.at(-1)['testLoss'], path: join('run', 'model.safetensors') })
  const { code, err } = await inProcess(
    cwd,
    'eval run/model.safetensors --part validation --data-dir bars'.split(' '),
  )
  expect([code, err]).toEqual([
    2,
    'error: --part validation goes with a run: which images those are follows from its seed\n',
  ])
})

test('for people: a table of classes and the confusion', async () => {
  const { out } = await inProcess(cwd, ['eval', 'run'])
  const lines = linesOf(out)
  expect(lines[0]).toBe('run/model.safetensors on 60 test images of MNIST')
  expect(lines[1]).toMatch(/^<bold>accuracy \d+\.\d\d %<\/>, loss \d\.\d{4}$/)
  expect(lines[2]).toContain('class  images    recall  precision  taken for')
  expect(lines).toHaveLength(3 + 10 + 1 + 11)
})

test('another dataset than the run’s is refused', async () => {
  const { code, err } = await inProcess(cwd, 'eval run --dataset fashion-mnist'.split(' '))
  expect([code, err]).toEqual([2, 'error: --dataset fashion-mnist: the run was trained on mnist\n'])
})

test('a run that was killed before its end: its best weights; before its first epoch: none', async () => {
  rmSync(join(cwd, 'run', 'model.safetensors'))
  const found = await evaluated('run')
  expect(found['path']).toBe(join('run', 'best.safetensors'))
  rmSync(join(cwd, 'run', 'best.safetensors'))
  const { code, err } = await inProcess(cwd, ['eval', 'run'])
  expect([code, err]).toEqual([1, 'error: run has no weights yet: a run writes them after its first epoch\n'])
})
