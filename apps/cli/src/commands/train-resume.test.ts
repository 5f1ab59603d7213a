import { once } from 'node:events'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  artifacts,
  finish,
  handgrad,
  inProcess,
  jsonLines,
  linesOf,
  quick,
  start,
  temporaryFolder,
} from '../test/handgrad.ts'

const constant = [
  ...quick.filter((word) => word !== '--epochs' && word !== '2'),
  '--preset',
  'seed',
  '--json',
]

const untimed = (text: string): object[] =>
  jsonLines(text).map((event) => ({ ...event, seconds: 0, imagesPerSecond: 0, run: '' }))

test('2 epochs and 1 more are 3, to the last bit, in the same folder', { timeout: 180_000 }, async () => {
  const cwd = temporaryFolder()
  const three = await handgrad(cwd, [...constant, '--epochs', '3', '--out', 'three'])
  await handgrad(cwd, [...constant, '--epochs', '2', '--out', 'two'])
  const { code, out, err } = await handgrad(cwd, 'train --resume two --epochs 3 --json'.split(' '))
  expect([code, err]).toEqual([0, ''])
  expect(untimed(out)).toEqual(untimed(three.out).slice(2))
  expect(readdirSync(join(cwd, 'two')).sort()).toEqual(artifacts)
  const read = (run: string, name: string): Buffer => readFileSync(join(cwd, run, name))
  const metrics = (run: string): object[] => untimed(read(run, 'metrics.jsonl').toString())
  expect(read('two', 'model.safetensors').equals(read('three', 'model.safetensors'))).toBe(true)
  expect(metrics('two')).toEqual(metrics('three'))
})

test('a run that was interrupted goes on; --out leaves it as it is', { timeout: 180_000 }, async () => {
  const cwd = temporaryFolder()
  const args = [...quick, '--epochs', '12', '--json', '--out']
  const whole = await handgrad(cwd, [...args, 'whole'])
  const child = start(cwd, [...args, 'run'])
  const end = finish(child)
  await once(child.stdout!, 'data')
  child.kill('SIGINT')
  expect((await end).code).toBe(130)
  const state = readFileSync(join(cwd, 'run', 'state.safetensors'))
  const { code, out } = await handgrad(cwd, 'train --resume run --out rest --json'.split(' '))
  expect(code).toBe(0)
  const rest = untimed(out)
  expect(rest).toEqual(untimed(whole.out).slice(-rest.length))
  expect(rest.length).toBeLessThan(13)
  expect(readFileSync(join(cwd, 'run', 'state.safetensors')).equals(state)).toBe(true)
})

test('what cannot be resumed is said in one line, and nothing is touched', { timeout: 180_000 }, async () => {
  const cwd = temporaryFolder()
  await handgrad(cwd, [...quick, '--out', 'run'])
  const bytes = readFileSync(join(cwd, 'run', 'state.safetensors'))
  mkdirSync(join(cwd, 'empty'))
  for (const [name, content] of [
    ['cut', bytes.subarray(0, 5000)],
    ['text', Buffer.from('not a state')],
  ] as const) {
    mkdirSync(join(cwd, name))
    writeFileSync(join(cwd, name, 'state.safetensors'), content)
  }
  mkdirSync(join(cwd, 'foreign'))
  copyFileSync(join(cwd, 'run', 'model.safetensors'), join(cwd, 'foreign', 'state.safetensors'))
  const listing = (): Set<string> => new Set(readdirSync(cwd, { recursive: true, encoding: 'utf8' }))
  const before = listing()
  const expected = [
    ['nowhere', [], 1, 'nowhere cannot be resumed: no state.safetensors'],
    ['empty', [], 1, 'empty cannot be resumed: no state.safetensors'],
    ['cut', [], 1, 'state.safetensors: safetensors: '],
    ['text', [], 1, 'state.safetensors: safetensors: '],
    ['foreign', [], 1, 'run state: the file is not one'],
    ['run', ['--lr', '0.2'], 2, 'lr does not go with --resume'],
    ['run', ['--epochs', '3'], 2, 'its one-cycle schedule was laid out for 2'],
    ['run', ['--epochs', '1'], 2, 'the run has 2 behind it already'],
    ['run', ['--data-dir', 'empty'], 1, 'empty: has no train-images'],
  ] as const
  for (const [run, args, exitCode, message] of expected) {
    const { code, out, err } = await inProcess(cwd, ['train', '--resume', run, ...args])
    expect({ code, out, lines: linesOf(err).length }).toEqual({ code: exitCode, out: '', lines: 1 })
    expect(err).toContain(message)
  }
  expect(listing()).toEqual(before)
  expect(readFileSync(join(cwd, 'run', 'state.safetensors')).equals(bytes)).toBe(true)
})
