import { expect, test } from 'vitest'
import type { Contender } from './contenders.ts'
import { Program } from './program.ts'
import { type Entrant, ratiosOf, runRounds } from './rounds.ts'

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

/** Entrants whose measurements are given, each noting when it is asked. */
function scripted(speeds: Record<string, (round: number) => number>, asked: string[]): Entrant[] {
  return Object.entries(speeds).map(([name, speed]) => {
    let round = 0
    const ask = async () => {
      asked.push(name)
      return { images: speed(round++), seconds: 2 }
    }
    return { ...entrant(name, name.startsWith('our'), 1, []), program: { ask } as unknown as Program }
  })
}

const options = { pairs: 2, milliseconds: 1, budget: 60_000 }

test('rounds go on until the pairs count: peers before ours, and the peers once more', async () => {
  const asked: string[] = []
  const all = scripted({ ours: () => 30, peer: (round) => 10 + round / 100 }, asked)
  await runRounds(all, options)
  expect(asked).toEqual(['peer', 'ours', 'peer', 'ours', 'peer', 'ours', 'peer'])
  expect(all[0].speeds).toEqual([15, 15, 15])
  expect(all[1].speeds).toEqual([5, 5.005, 5.01, 5.015])
})

test('where a peer is not steady, rounds end at three times as many, or with the time', async () => {
  const unsteady = { ours: () => 30, peer: (round: number) => (round % 2 === 0 ? 10 : 20) }
  const asked: string[] = []
  await runRounds(scripted(unsteady, asked), options)
  expect(asked.filter((name) => name === 'ours')).toHaveLength(6)
  asked.length = 0
  await runRounds(scripted(unsteady, asked), { ...options, budget: 0 })
  expect(asked.filter((name) => name === 'ours')).toHaveLength(3)
})
