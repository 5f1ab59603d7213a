import { expect, onTestFinished, test } from 'vitest'
import type { Contender } from './contenders.ts'
import { SpeedTest } from './speed.ts'

/** A program that answers so many images per second, or refuses; a step of `step` seconds. */
const answers = `
const { speed, step, refused } = JSON.parse(process.argv[1])
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { run } = JSON.parse(line)
  if (refused) return console.log(JSON.stringify({ refused }))
  console.log(JSON.stringify(run ? { images: speed * run.threads, seconds: 1 } : { step }))
})`

interface Scripted {
  readonly configuration?: string
  readonly speed?: number
  readonly step?: number
  readonly refused?: string
  readonly only?: number
}

function contender(name: string, { configuration = '', only, ...rest }: Scripted): Contender {
  const script = JSON.stringify({ speed: 1, step: 0.1, ...rest })
  return {
    name,
    configuration,
    ours: name === 'ours',
    launch: { command: process.execPath, args: ['-e', answers, script] },
    threads: (_, wanted) => wanted.filter((count) => only === undefined || count === only),
    patience: 20_000,
  }
}

const options = { threads: [1, 2], pairs: 1, milliseconds: 1, budget: 20_000 }
const setting = { network: 'mlp', mode: 'train', batch: 64 } as const

function newTest(...contenders: Contender[]): SpeedTest {
  const made = new SpeedTest(contenders)
  onTestFinished(() => made.stop())
  return made
}

test('a name stands for its fastest configuration on each number of threads; the others are told', async () => {
  const speed = newTest(
    contender('peer', { configuration: 'plain', speed: 100 }),
    contender('peer', { configuration: 'tuned', speed: 150, only: 1 }),
    contender('ours', { speed: 300 }),
  )
  const { speeds, ratios, leftOut, ...rest } = await speed.measure(setting, options)
  expect(rest).toEqual(setting)
  expect(leftOut).toEqual([])
  const range = (value: number) => ({ median: value, low: value, high: value })
  const tried = [
    { configuration: 'plain', imagesPerSecond: 100 },
    { configuration: 'tuned', imagesPerSecond: 150 },
  ]
  expect(speeds).toEqual([
    { name: 'peer', configuration: 'tuned', threads: 1, ours: false, imagesPerSecond: range(150), tried },
    { name: 'peer', configuration: 'plain', threads: 2, ours: false, imagesPerSecond: range(200), tried: [] },
    { name: 'ours', configuration: '', threads: 1, ours: true, imagesPerSecond: range(300), tried: [] },
    { name: 'ours', configuration: '', threads: 2, ours: true, imagesPerSecond: range(600), tried: [] },
  ])
  expect(ratios.map(({ threads, against, ratio }) => [threads, against, ratio?.median])).toEqual([
    [1, 'peer', 2],
    [2, 'peer', 3],
    [2, 'ours', 2],
  ])
})

test('who refuses, or takes too long for a step, is left out, and with a larger batch not asked again', async () => {
  const speed = newTest(
    contender('slow', { configuration: 'a', step: 3.5 }),
    contender('just', { step: 3 }),
    contender('none', { refused: 'no kernels here' }),
    contender('ours', { speed: 30 }),
  )
  const once = { ...options, threads: [1] }
  const { speeds, leftOut } = await speed.measure(setting, once)
  expect(speeds.map(({ name }) => name)).toEqual(['just', 'ours'])
  const slow = 'one step takes 3.5 s (18 images/s)'
  expect(leftOut).toEqual([
    { name: 'slow (a)', reason: slow },
    { name: 'none', reason: 'no kernels here' },
  ])
  const larger = await speed.measure({ ...setting, batch: 256 }, once)
  expect(larger.leftOut).toEqual([
    { name: 'slow (a)', reason: `${slow} at batch 64` },
    { name: 'none', reason: 'no kernels here' },
  ])
})
