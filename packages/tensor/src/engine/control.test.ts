import { expect, test } from 'vitest'
import * as control from './control.ts'

const { CLOSED, GENERATION, isCurrent, NEXT, SHARDS, takeShard, ticket, WORDS } = control

/** Words of a job of 3 shards. */
function words(generation: number): Int32Array {
  const made = new Int32Array(new SharedArrayBuffer(4 * WORDS))
  made[SHARDS] = 3
  made[GENERATION] = generation
  made[NEXT] = ticket(generation, 0)
  return made
}

test('every word has a place of its own', () => {
  const numbers = (Object.entries(control) as [string, unknown][]).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  )
  const places = numbers.filter(([name]) => name !== 'WORDS' && name !== 'CLOSED')
  expect(new Set(places.map(([, at]) => at)).size).toBe(places.length)
  expect(places.filter(([, at]) => !(at >= 0 && at < WORDS))).toEqual([])
})

test.each([1, 2, 0x7fffff, 0x800000, 0x7fffffff])('generation %i: each shard is taken once', (generation) => {
  const job = words(generation)
  expect([1, 2, 3, 4, 5].map(() => takeShard(job, generation))).toEqual([0, 1, 2, -1, -1])
  expect(isCurrent(job, generation)).toBe(true)
})

test('a thread that is late, or early, takes none and leaves all', () => {
  for (const other of [6, 8]) {
    const job = words(7)
    expect(takeShard(job, other)).toBe(-1)
    expect(isCurrent(job, other)).toBe(false)
    expect(takeShard(job, 7)).toBe(0)
  }
})

test('while the words change, nobody takes a shard', () => {
  const job = words(7)
  job[NEXT] = ticket(7, CLOSED)
  expect(takeShard(job, 7)).toBe(-1)
  expect(takeShard(job, 6)).toBe(-1)
  expect(job[NEXT]).toBe(ticket(7, CLOSED))
})

test('a shard that another thread took in between is left to it', () => {
  const job = words(7)
  const exchange = Atomics.compareExchange.bind(Atomics)
  let first = true
  Object.defineProperty(Atomics, 'compareExchange', {
    configurable: true,
    writable: true,
    value(...args: Parameters<typeof exchange>) {
      if (first) Atomics.add(job, NEXT, 1)
      first = false
      return exchange(...args)
    },
  })
  try {
    expect(takeShard(job, 7)).toBe(1)
  } finally {
    Object.defineProperty(Atomics, 'compareExchange', { value: exchange })
  }
  expect(takeShard(job, 7)).toBe(2)
})
