import { afterEach, expect, test, vi } from 'vitest'
import { controlOf, fakeWorkers, smallProgram } from '../../test/engine.ts'
import type { Receive } from '../platform/platform.ts'
import { sharedMemory } from '../simd/memory.ts'
import * as word from './control.ts'
import { endPool } from './threads.ts'
import type { WorkerStart } from './worker.ts'

const given = vi.hoisted(() => ({ start: {} as object }))
vi.mock('../platform/receive-node.ts', () => ({
  receive: ((start) => start(given.start)) satisfies Receive,
}))

afterEach(() => {
  vi.restoreAllMocks()
  endPool('simd')
})

/** Before the first slot there is nothing. */
const SLOTS_FROM = 64

/** A job that this thread has done alone: its words, what a worker starts from, and what came out. */
function jobDone(cut = false) {
  const workers = fakeWorkers()
  const { run, y } = smallProgram({ cut })
  run(2)
  const { message } = workers[0]
  const words = controlOf(workers[0])
  const [at, bytes] = [words[word.SLOTS], words[word.SLOT_BYTES]]
  const { buffer } = sharedMemory()
  const slots = Array.from(
    { length: words[word.SHARDS] },
    (_, i) => new Float32Array(buffer, at + i * bytes + SLOTS_FROM, (bytes - SLOTS_FROM) / 4),
  )
  return {
    start: message as WorkerStart,
    words,
    y,
    read: () => slots.map((slot) => [...slot]),
    spoil: () => slots.forEach((slot) => void slot.fill(Number.NaN)),
  }
}

/** The same job once more, as a pool that has closed and opened it. */
function again(words: Int32Array): void {
  const generation = Atomics.load(words, word.GENERATION) + 1
  Atomics.store(words, word.DONE, 0)
  Atomics.store(words, word.NEXT, word.ticket(generation, 0))
  Atomics.store(words, word.GENERATION, generation)
}

function end(words: Int32Array): void {
  Atomics.store(words, word.STOP, 1)
  Atomics.add(words, word.GENERATION, 1)
}

/** Another program in the place of the job's. */
function replace(words: Int32Array, text: string): void {
  const bytes = new TextEncoder().encode(text)
  new Uint8Array(sharedMemory().buffer, words[word.PROGRAM_AT], bytes.length).set(bytes)
  Atomics.store(words, word.PROGRAM_BYTES, bytes.length)
  Atomics.add(words, word.PROGRAM, 1)
}

/**
 * Runs the worker's module in this thread: whenever it falls asleep, the next of `turns` happens in its stead.
 * @throws what its loop throws.
 */
async function asWorker(start: object, turns: (() => void)[]): Promise<void> {
  vi.resetModules()
  given.start = start
  const rest = [...turns]
  vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    const turn = rest.shift()
    if (turn === undefined) throw new Error('the worker sleeps for ever')
    turn()
    return 'ok'
  })
  await import('./worker.ts')
  expect(rest).toEqual([])
}

test('a worker comes up, does every job that it sees, and ends when it is told to', async () => {
  const { start, words, read, spoil } = jobDone()
  const alone = read()
  expect(alone.every((slot) => slot.some((value) => value !== 0))).toBe(true)
  expect(words[word.upAt(1)]).toBe(0)
  const check = (): void => {
    expect(words[word.DONE]).toBe(words[word.SHARDS])
    expect(read()).toEqual(alone)
    spoil()
  }
  await asWorker(start, [
    () => {
      expect(words[word.upAt(1)]).toBe(1)
      spoil()
      again(words)
    },
    () => {
      check()
      again(words)
    },
    () => {
      check()
      end(words)
    },
  ])
  expect(words[word.FAILED]).toBe(0)
})

test('of a program with several phases it runs the one that is on', async () => {
  const { start, words, y, read, spoil } = jobDone(true)
  const alone = read()
  const forward = [...y]
  expect(words[word.PHASE]).toBe(1)
  await asWorker(start, [
    () => {
      spoil()
      again(words)
    },
    () => {
      expect(read()).toEqual(alone)
      spoil()
      y.fill(Number.NaN)
      Atomics.store(words, word.PHASE, 0)
      again(words)
    },
    () => {
      // Forward once more, and no gradient.
      expect(words[word.DONE]).toBe(words[word.SHARDS])
      expect([...y]).toEqual(forward)
      expect(read().flat().every(Number.isNaN)).toBe(true)
      Atomics.store(words, word.PHASE, 1)
      again(words)
    },
    () => {
      expect(read()).toEqual(alone)
      end(words)
    },
  ])
})

test('a job for fewer threads is none of its business', async () => {
  const { start, words } = jobDone()
  await asWorker(start, [
    () => {
      Atomics.store(words, word.THREADS, 1)
      replace(words, 'a program that is gone')
      again(words)
    },
    () => {
      expect(words[word.DONE]).toBe(0)
      end(words)
    },
  ])
  expect(words[word.FAILED]).toBe(0)
})

test('memory that has grown in between is seen', async () => {
  const { start, words, read, spoil } = jobDone()
  const alone = read()
  await asWorker(start, [
    () => {
      const bytes = new Uint8Array(sharedMemory().buffer)
      const text = bytes.slice(words[word.PROGRAM_AT], words[word.PROGRAM_AT] + words[word.PROGRAM_BYTES])
      const at = sharedMemory().grow(1) * 65536
      new Uint8Array(sharedMemory().buffer).set(text, at)
      Atomics.store(words, word.PROGRAM_AT, at)
      spoil()
      again(words)
    },
    () => {
      expect(read()).toEqual(alone)
      end(words)
    },
  ])
})

test('a program in memory that this thread does not see yet is left to the others', async () => {
  const { start, words, read, spoil } = jobDone()
  const alone = read()
  const there = words[word.PROGRAM_AT]
  await asWorker(start, [
    () => {
      spoil()
      Atomics.store(words, word.PROGRAM_AT, sharedMemory().buffer.byteLength - words[word.PROGRAM_BYTES] + 1)
      again(words)
    },
    () => {
      expect(words[word.DONE]).toBe(0)
      Atomics.store(words, word.PROGRAM_AT, there)
      again(words)
    },
    () => {
      expect(read()).toEqual(alone)
      end(words)
    },
  ])
  expect(words[word.FAILED]).toBe(0)
})

test('a job that is over when the worker looks is left alone', async () => {
  const { start, words } = jobDone()
  await asWorker(start, [
    () => {
      again(words)
      // Another one has begun, whose words are not all there.
      Atomics.store(words, word.NEXT, word.ticket(words[word.GENERATION] + 1, 255))
      Atomics.store(words, word.PROGRAM_BYTES, 1)
      Atomics.add(words, word.PROGRAM, 1)
    },
    () => {
      expect(words[word.DONE]).toBe(0)
      end(words)
    },
  ])
  expect(words[word.FAILED]).toBe(0)
})

test('each program is its own; one whose kernel is not there ends the worker, which says who it was', async () => {
  const { start, words } = jobDone()
  const phase = { begin: [], body: [{ kernel: 'tensor/none', args: [] }], end: [] }
  const run = asWorker(start, [
    () => again(words),
    () => {
      expect(words[word.DONE]).toBe(words[word.SHARDS])
      replace(words, JSON.stringify({ micro: 8, phases: [phase] }))
      again(words)
    },
  ])
  await expect(run).rejects.toThrow("there is no kernel 'tensor/none'")
  expect(words[word.FAILED]).toBe(1)
})

test('more programs than it keeps in mind are read again', async () => {
  const { start, words } = jobDone()
  const [at, bytes] = [words[word.PROGRAM_AT], words[word.PROGRAM_BYTES]]
  const text = new TextDecoder().decode(new Uint8Array(sharedMemory().buffer).slice(at, at + bytes))
  const parse = vi.spyOn(JSON, 'parse')
  const job = (program: number): void => {
    Atomics.store(words, word.PROGRAM, program)
    again(words)
  }
  const read = (): number => parse.mock.calls.filter(([json]) => json === text).length
  await asWorker(start, [
    ...Array.from({ length: 64 }, (_, i) => () => job(1000 + i)),
    () => {
      expect(read()).toBe(64)
      job(1000)
    },
    () => {
      expect(read(), 'known still').toBe(64)
      job(2000)
    },
    () => {
      expect(read()).toBe(65)
      job(1001)
    },
    () => {
      expect(read(), 'forgotten').toBe(66)
      end(words)
    },
  ])
  expect(words[word.FAILED]).toBe(0)
})

test('a worker of another version does not come up, and says so', async () => {
  const { start, words } = jobDone()
  await expect(asWorker({ ...start, version: '0.0.1' }, [])).rejects.toThrow(
    `its module is of version ${start.version}, the program is of 0.0.1`,
  )
  expect(words[word.upAt(1)]).toBe(0)
})
