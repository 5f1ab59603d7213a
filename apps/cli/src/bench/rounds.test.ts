import { expect, test } from 'vitest'
import type { Contender } from './contenders.ts'
import { Program } from './program.ts'
import { type Entrant, ratiosOf } from './rounds.ts'

function entrant(name: string, ours: boolean, threads: number, speeds: number[]): Entrant {
  const launch = { command: 'none', args: [] }
  const contender: Contender = { name, configuration: '', ours, launch, threads: () => [], patience: 0 }
  return { contender, program: new Program(launch), threads, speeds }
}

const pairs = (entrants: Entrant[]) =>
  ratiosOf(entrants).map((row) => `${row.name}/${row.threads} : ${row.against}/${row.againstThreads}`)

test('ours meets each peer on as many threads, or on the most that the peer has', () => {
  const all = [
    entrant('two', false, 1, [1, 1]),
    entrant('two', false, 2, [2, 2]),
    entrant('one', false, 1, [1, 1]),
    entrant('ours', true, 2, [6]),
  ]
  expect(pairs(all)).toEqual(['ours/2 : two/2', 'ours/2 : one/1'])
  expect(ratiosOf(all)[0]).toMatchObject({ ratio: { median: 3 }, counted: 1, run: 1 })
})

test('ours meets itself on one thread, and our other backends on as many', () => {
  const all = [entrant('slow', true, 1, [1]), entrant('fast', true, 1, [2]), entrant('fast', true, 2, [4])]
  expect(pairs(all)).toEqual(['fast/1 : slow/1', 'fast/2 : fast/1'])
})

test('a program that ends, cannot be started or does not answer says so', async () => {
  const ask = { run: { threads: 1, milliseconds: 1 } }
  const node = (code: string) => new Program({ command: process.execPath, args: ['-e', code] })
  await expect(node('console.error("no such thing"); process.exit(1)').ask(ask, 20_000)).rejects.toThrow(
    'no such thing',
  )
  await expect(new Program({ command: './no-such-file', args: [] }).ask(ask, 20_000)).rejects.toThrow(
    'ENOENT',
  )
  await expect(node('process.stdin.resume()').ask(ask, 300)).rejects.toThrow('no answer within 0.3 s')
})
