import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  artifacts,
  finish,
  handgrad,
  jsonLines,
  linesOf,
  quick,
  start,
  temporaryFolder,
} from '../test/handgrad.ts'
import { eventsIn } from '../train/log/test/events.ts'

const EVENTS = 'events.out.tfevents.handgrad'

/** The table without its times. */
const untimed = (text: string): string[] => linesOf(text).map((line) => line.split(',').slice(0, -2).join())

/** The values without the time of each event and what follows from time. */
const values = (bytes: Uint8Array) =>
  eventsIn(bytes).map(({ step, version, values: all }) => ({
    step,
    version,
    all: { ...all, images_per_second: 0 },
  }))

test('a run that is killed and gone on with has every row once, and the bytes that were there', {
  timeout: 180_000,
}, async () => {
  const cwd = temporaryFolder()
  const read = (run: string, name: string): Buffer => readFileSync(join(cwd, run, name))
  const args = [...quick, '--epochs', '8', '--log', 'tensorboard,csv', '--json', '--out']
  const whole = await handgrad(cwd, [...args, 'whole'])
  expect(whole.code).toBe(0)
  expect(readdirSync(join(cwd, 'whole')).sort()).toEqual([...artifacts, EVENTS, 'metrics.csv'].sort())
  expect(JSON.parse(read('whole', 'config.json').toString()).log).toEqual(['tensorboard', 'csv'])
  const table = untimed(read('whole', 'metrics.csv').toString())
  expect(table).toHaveLength(1 + 8 + 1)
  expect(values(read('whole', EVENTS))).toHaveLength(1 + 8 + 1)

  const child = start(cwd, [...args, 'run'])
  const end = finish(child)
  await once(child.stdout!, 'data')
  child.kill('SIGKILL')
  await end
  const before = ['metrics.csv', EVENTS].map((name) => read('run', name))
  // Nobody has to say again that there are logs.
  const { code, err } = await handgrad(cwd, ['train', '--resume', 'run', '--json'])
  expect([code, err]).toEqual([0, ''])
  for (const [i, name] of ['metrics.csv', EVENTS].entries())
    expect(read('run', name).subarray(0, before[i].length).equals(before[i])).toBe(true)
  expect(untimed(read('run', 'metrics.csv').toString())).toEqual(table)
  expect(values(read('run', EVENTS))).toEqual(values(read('whole', EVENTS)))
  expect(JSON.parse(read('run', 'config.json').toString()).log).toEqual(['tensorboard', 'csv'])
})

test('a log can begin late, in the run or in another folder; config.json asks for it again', {
  timeout: 180_000,
}, async () => {
  const cwd = temporaryFolder()
  const args = [...quick, '--preset', 'seed', '--epochs', '1', '--quiet']
  await handgrad(cwd, [...args, '--out', 'run'])
  const text = (run: string): string => readFileSync(join(cwd, run, 'metrics.csv'), 'utf8')
  const more = ['train', '--epochs', '2', '--quiet', '--resume', 'run']
  expect((await handgrad(cwd, [...more, '--log', 'csv'])).code).toBe(0)
  const metrics = jsonLines(readFileSync(join(cwd, 'run', 'metrics.jsonl'), 'utf8'))
  const rows = linesOf(text('run')).map((line) => line.split(','))
  expect(rows.slice(1).map((row) => Number(row[3]))).toEqual([metrics[0].trainLoss, metrics[1].trainLoss, 0])
  expect((await handgrad(cwd, [...more, '--epochs', '3', '--out', 'beyond'])).code).toBe(0)
  expect(linesOf(text('beyond'))).toHaveLength(1 + 3 + 1)
  expect(text('beyond').slice(0, text('run').indexOf('done'))).toBe(
    text('run').slice(0, text('run').indexOf('done')),
  )
  const again = ['train', '--config', 'beyond/config.json', '--epochs', '1', '--quiet', '--out', 'again']
  expect((await handgrad(cwd, again)).code).toBe(0)
  expect(untimed(text('again'))[1]).toBe(untimed(text('run'))[1])
  expect(existsSync(join(cwd, 'again', EVENTS))).toBe(false)
})
