import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { artifacts, finish, inProcess, jsonLines, linesOf, start, temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'

vi.mock('../plots/png.ts', () => import('../test/no-pictures.ts'))

/** A folder with 30 images of a user's own in `bars`. */
function place(): string {
  const cwd = temporaryFolder()
  writeFiles(join(cwd, 'bars'), idxFiles(30))
  return cwd
}

const words = (text: string): string[] => text.split(' ')
const bars = words('train --data-dir bars --model mlp --preset seed --batch-size 8 --threads 1 --epochs 2')
const bytes = (...path: string[]): Buffer => readFileSync(join(...path, 'model.safetensors'))
const spreadIn = (out: string): Record<string, any> => jsonLines(out).at(-1)

test('so many seeds, each as if it had been trained alone, and the spread of all', async () => {
  const cwd = place()
  const { code, out, err } = await inProcess(cwd, [
    ...bars,
    ...words('--seed 3 --repeat 3 --log csv --json --out all'),
  ])
  expect([code, err]).toEqual([0, ''])
  expect(jsonLines(out).map(({ event }) => event)).toEqual([
    ...[3, 4, 5].flatMap(() => ['seed', 'epoch', 'epoch', 'done']),
    'repeated',
  ])
  expect(jsonLines(out)[4]).toEqual({ event: 'seed', seed: 4, run: join(cwd, 'all', 'seed-4') })
  expect(readdirSync(join(cwd, 'all')).sort()).toEqual(['repeat.json', 'seed-3', 'seed-4', 'seed-5'])
  expect(readdirSync(join(cwd, 'all', 'seed-5')).sort()).toEqual([...artifacts, 'metrics.csv'].sort())
  await inProcess(cwd, [...bars, '--seed', '5', '--out', 'alone'])
  expect(bytes(cwd, 'all', 'seed-5').equals(bytes(cwd, 'alone'))).toBe(true)
  expect(bytes(cwd, 'all', 'seed-4').equals(bytes(cwd, 'alone'))).toBe(false)
  const accuracies = jsonLines(out).flatMap(({ event, testAccuracy }) =>
    event === 'done' ? [testAccuracy as number] : [],
  )
  const { testAccuracy, seeds, failed, run } = spreadIn(out)
  expect([seeds, failed, run]).toEqual([[3, 4, 5], [], join(cwd, 'all')])
  expect(testAccuracy.mean).toBeCloseTo(accuracies.reduce((sum, value) => sum + value) / 3, 12)
  expect([testAccuracy.least, testAccuracy.most]).toEqual([Math.min(...accuracies), Math.max(...accuracies)])

  // All are finished: nothing is trained, and the same is said.
  const again = await inProcess(cwd, words('train --resume all --json'))
  expect(again).toEqual({ code: 0, out: `${linesOf(out).at(-1)}\n`, err: '' })
  const { out: table } = await inProcess(cwd, words('runs all --json'))
  expect(new Set(jsonLines(table).map(({ seed }) => seed))).toEqual(new Set([3, 4, 5]))
  // A name of their own where none is given.
  const quiet = await inProcess(cwd, [...bars, ...words('--repeat 2 --quiet')])
  expect(quiet.out).toMatch(/^(<bold>test accuracy [^\n]+\n){2}<bold>test accuracy [^\n]+, 2 of 2 seeds\n$/)
  expect(readdirSync(join(cwd, 'runs', 'mlp-1'))).toEqual(['repeat.json', 'seed-0', 'seed-1'])
})

test('what was stopped goes on with the first that is not finished', { timeout: 180_000 }, async () => {
  const cwd = place()
  const whole = await inProcess(cwd, [...bars, ...words('--repeat 3 --json --out whole')])
  const child = start(cwd, [...bars, ...words('--epochs 400 --repeat 3 --json --out part')])
  const end = finish(child)
  await once(child.stdout!, 'data')
  child.kill('SIGINT')
  const stopped = await end
  expect(stopped.code).toBe(130)
  expect(jsonLines(stopped.out).at(-1)).toMatchObject({
    event: 'stopped',
    resume: 'handgrad train --resume part',
  })
  expect(readdirSync(join(cwd, 'part'))).toEqual(['repeat.json', 'seed-0'])

  // The first is finished, the second stands after its start, of the third there is what a kill left before its start.
  mkdirSync(join(cwd, 'mix'))
  cpSync(join(cwd, 'whole', 'repeat.json'), join(cwd, 'mix', 'repeat.json'))
  cpSync(join(cwd, 'whole', 'seed-0'), join(cwd, 'mix', 'seed-0'), { recursive: true })
  const begun = start(cwd, [...bars, ...words('--seed 1 --epochs 2 --json --out mix/seed-1')])
  const killed = finish(begun)
  await once(begun.stdout!, 'data')
  begun.kill('SIGKILL')
  await killed
  rmSync(join(cwd, 'mix', 'seed-1', 'metrics.jsonl'), { force: true })
  mkdirSync(join(cwd, 'mix', 'seed-2'))
  for (const name of ['config.json', 'state.safetensors.7.tmp', 'metrics.csv'])
    writeFileSync(join(cwd, 'mix', 'seed-2', name), '{')
  const { code, out, err } = await inProcess(cwd, words('train --resume mix --threads 2 --json'))
  expect([code, err]).toEqual([0, ''])
  expect(jsonLines(out).flatMap(({ event, seed }) => (event === 'seed' ? [seed] : []))).toEqual([1, 2])
  const placeless = (event: Record<string, unknown>): object => ({ ...event, run: '' })
  expect(placeless(spreadIn(out))).toEqual(placeless(spreadIn(whole.out)))
  for (const seed of [0, 1, 2])
    expect(bytes(cwd, 'mix', `seed-${seed}`).equals(bytes(cwd, 'whole', `seed-${seed}`))).toBe(true)
  expect(existsSync(join(cwd, 'mix', 'run.lock'))).toBe(false)
})

test('a seed that fails by its numbers, or comes out too low, ends with 3, and the others are trained', async () => {
  const cwd = place()
  const diverged = await inProcess(cwd, [...bars, ...words('--lr 1e30 --repeat 2 --out far')])
  expect(diverged.code).toBe(3)
  expect(linesOf(diverged.err).map((line) => line.slice(0, 14))).toEqual(['error: seed 0:', 'error: seed 1:'])
  expect(linesOf(diverged.out).slice(-2)).toEqual(['     0     failed', '     1     failed'])
  const low = await inProcess(cwd, [
    ...bars,
    ...words('--lr 0.001 --min-accuracy 1 --repeat 2 --quiet --out low'),
  ])
  expect([low.code, linesOf(low.err)]).toEqual([
    3,
    [0, 1].map(() => expect.stringMatching(/is below --min-accuracy 100\.00 %$/)),
  ])
  expect(low.out).toContain('2 of 2 seeds')
})

test('what does not go together is said in one line, and what came to nothing leaves nothing', async () => {
  const cwd = place()
  const refused = async (call: string, code: number, err: string): Promise<void> => {
    expect(await inProcess(cwd, words(call))).toEqual({ code, out: '', err: `error: ${err}\n` })
  }
  for (const count of ['0', 'x', '1.5', '10000'])
    await refused(
      `train --repeat ${count}`,
      2,
      `option '--repeat <n>' argument '${count}' is invalid. expected a whole number, 1 to 9999`,
    )
  const none = await inProcess(cwd, words('train --repeat 2 --data-dir none --out x'))
  expect([none.code, linesOf(none.err)]).toEqual([
    1,
    [expect.stringMatching(/^error: .*none: has no train-images/)],
  ])
  expect(existsSync(join(cwd, 'x'))).toBe(false)

  expect((await inProcess(cwd, [...bars, ...words('--repeat 2 --quiet --out all')])).code).toBe(0)
  await refused(
    'train --repeat 2 --resume all/seed-0',
    2,
    '--repeat does not go with --resume: it is one run that goes on',
  )
  await refused(
    'train --resume all --epochs 3',
    2,
    'epochs does not go with --resume: the runs have their own',
  )
  await refused('train --resume all --lr 1', 2, 'lr does not go with --resume: the runs have their own')
  await refused(
    'train --resume all --model ./net.ts',
    2,
    'model does not go with --resume: the runs have their own',
  )
  await refused(
    'train --resume all --out y',
    2,
    'out does not go with --resume of several runs: they have their own',
  )
  await refused(
    'train --repeat 2 --resume all',
    2,
    'repeat does not go with --resume of several runs: they have their own',
  )
  rmSync(join(cwd, 'all', 'seed-1'), { recursive: true })
  writeFiles(join(cwd, 'bars'), idxFiles(31))
  const { code, err } = await inProcess(cwd, words('train --resume all'))
  expect([code, err]).toEqual([1, 'error: the data is not that of all/seed-0: go on with it as it was\n'])
  expect(readdirSync(join(cwd, 'all'))).toEqual(['repeat.json', 'seed-0'])
  writeFileSync(join(cwd, 'all', 'repeat.json'), '{')
  await refused('train --resume all', 1, 'all/repeat.json is damaged: it is no JSON')
})
