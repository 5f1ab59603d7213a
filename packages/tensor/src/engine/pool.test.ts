import { afterEach, describe, expect, test, vi } from 'vitest'
import { comeUp, controlOf, fakeWorkers, type Small, smallProgram } from '../../test/engine.ts'
import { sharedMemory } from '../simd/memory.ts'
import { DONE, FAILED, GENERATION, isCurrent, PROGRESS, STOP, takeShard } from './control.ts'
import type { Pool } from './pool.ts'
import { endPool, poolFor } from './threads.ts'

const opened: Small[] = []
afterEach(() => {
  vi.restoreAllMocks()
  endPool('simd')
  for (const { loaded } of opened.splice(0)) loaded.free()
})

function program(): Small {
  const made = smallProgram()
  opened.push(made)
  return made
}

describe('who works', () => {
  test('threads count this one; each worker is told its number, and where all lies', () => {
    const workers = fakeWorkers()
    const pool = poolFor('simd', 4)
    expect(pool.there(4)).toBe(4)
    expect(workers.map(({ message }) => message!.thread)).toEqual([1, 2, 3])
    for (const { message } of workers) {
      expect(message!.memory).toBe(sharedMemory())
      expect(Object.keys(message!.modules)).toEqual(['tensor'])
      expect(message!.control).toBe(workers[0].message!.control)
    }
    expect(pool.ready(4)).toBe(0)
    comeUp(workers[2])
    expect([pool.ready(4), pool.ready(3)]).toEqual([1, 0])
    comeUp(workers[0])
    expect([pool.ready(4), pool.ready(3)]).toEqual([2, 1])
  })

  test('more are started when more are asked for, and none ends when fewer are', () => {
    const workers = fakeWorkers()
    const pool = poolFor('simd', 2)
    expect(poolFor('simd', 4)).toBe(pool)
    expect(poolFor('simd', 3)).toBe(pool)
    expect(workers.map(({ message, stopped }) => [message!.thread, stopped])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ])
  })

  test('one thread starts no worker', () => {
    const workers = fakeWorkers()
    program().run(1)
    expect(workers).toEqual([])
  })

  test('workers that never come up leave all of it to this thread', () => {
    fakeWorkers()
    const alone = program().run(1)
    const { run } = program()
    expect([run(3), run(3)]).toEqual([alone, alone])
  })

  test('a worker that is missing comes up after all, and counts', () => {
    const workers = fakeWorkers()
    const pool = poolFor('simd', 3)
    workers[0].failed('no such luck')
    expect([pool.there(3), pool.there(2)]).toEqual([2, 1])
    workers[1].failed('nor here')
    expect([pool.there(3), pool.there(2)]).toEqual([1, 1])
    comeUp(workers[0])
    expect([pool.there(3), pool.there(2)]).toEqual([2, 2])
  })
})

/** A pool of two: what the other thread does when it has been told of a batch. */
function other(act: (words: Int32Array, generation: number) => void) {
  const workers = fakeWorkers()
  const { run, loaded } = program()
  poolFor('simd', 2)
  comeUp(workers[0])
  const words = controlOf(workers[0])
  const train = () => run(2, () => act(words, Atomics.load(words, GENERATION)))
  return { train, loaded, workers }
}

/** A clock that moves by so many seconds whenever it is looked at. */
function clock(seconds: number, look?: (looks: number) => void): void {
  let looks = 0
  vi.spyOn(performance, 'now').mockImplementation(() => {
    looks++
    look?.(looks)
    return looks * seconds * 1000
  })
}

describe('a worker that holds a shard', () => {
  test('and moves no more for 10 seconds is dead; the next program has a pool of its own', () => {
    const { train, loaded, workers } = other(takeShard)
    clock(6)
    expect(train).toThrow('worker thread 0 is gone: no thread has moved for 10 s')
    expect(loaded.isLost).toBe(true)
    expect(workers[0].stopped).toBe(1)
    const { run } = program()
    expect(run(2)).toEqual(program().run(1))
    expect(workers.map(({ stopped }) => stopped)).toEqual([1, 0])
    expect(workers[1].message!.control).not.toBe(workers[0].message!.control)
  })

  test('is waited for as long as it moves', () => {
    let job: Int32Array
    const { train } = other((words, generation) => {
      job = words
      takeShard(words, generation)
    })
    clock(6, (looks) => {
      if (looks < 12) Atomics.add(job, PROGRESS, 1)
      if (looks === 12) Atomics.add(job, DONE, 1)
    })
    expect(train).not.toThrow()
  })

  test('and whose kernel throws is named', () => {
    const { train } = other((words, generation) => {
      takeShard(words, generation)
      Atomics.store(words, FAILED, 1)
    })
    expect(train).toThrow('worker thread 1 is gone: a kernel threw')
  })

  test('and is done with it soon is waited for without sleep', () => {
    const { train } = other((words, generation) => {
      takeShard(words, generation)
      const load = Atomics.load.bind(Atomics)
      let left = 20
      vi.spyOn(Atomics, 'load').mockImplementation(((array: Int32Array, at: number) => {
        if (at === DONE && --left === 0) Atomics.add(array, DONE, 1)
        return load(array, at)
      }) as typeof Atomics.load)
    })
    const sleep = vi.spyOn(Atomics, 'wait')
    expect(train).not.toThrow()
    expect(sleep).not.toHaveBeenCalled()
  })
})

describe('a worker that ends by itself', () => {
  test('makes the next call throw, once, with the first reason that came', () => {
    const workers = fakeWorkers()
    const { run, loaded } = program()
    run(3)
    for (const worker of workers) comeUp(worker)
    run(3)
    workers[1].failed('it ended with code 7')
    workers[0].failed('out of memory')
    expect(() => run(3)).toThrow('worker thread 2 is gone: it ended with code 7')
    expect(loaded.isLost).toBe(true)
    expect(workers.map(({ stopped }) => stopped)).toEqual([1, 1])
    const next = program()
    expect(next.run(3)).toEqual(program().run(1))
    expect(next.loaded.isLost).toBe(false)
    expect(workers).toHaveLength(4)
  })

  test('after the pool was closed says nothing', () => {
    const workers = fakeWorkers()
    const pool = poolFor('simd', 2)
    pool.close()
    workers[0].failed('it ended with code 1')
    expect(pool.said).toEqual([])
    expect(pool.failure).toEqual(new Error('the pool is closed'))
  })
})

test('what fails meanwhile is thrown when all shards are done, and nothing is lost', () => {
  const workers = fakeWorkers()
  const { run, loaded } = program()
  const fail = (): void => {
    throw new Error('no such file')
  }
  expect(() => run(2, fail)).toThrow('no such file')
  expect(Atomics.load(controlOf(workers[0]), DONE)).toBe(8)
  expect(loaded.isLost).toBe(false)
  expect(() => run(2)).not.toThrow()
  expect(workers).toHaveLength(1)
})

test.each([1, 2])('meanwhile is called once, in the first of several phases, on %i threads', (threads) => {
  fakeWorkers()
  const { run, loaded, y } = smallProgram({ cut: true })
  run(threads)
  y.fill(Number.NaN)
  const seen: number[] = []
  run(threads, () => void seen.push(y.filter(Number.isNaN).length))
  expect(seen).toEqual([y.length])
  loaded.free()
})

test('close() tells every worker, wakes those that sleep, and is the end', () => {
  const workers = fakeWorkers()
  const { run } = program()
  run(3)
  const pool: Pool = poolFor('simd', 3)
  const words = controlOf(workers[0])
  const generation = Atomics.load(words, GENERATION)
  const wake = vi.spyOn(Atomics, 'notify')
  pool.close()
  expect(Atomics.load(words, STOP)).toBe(1)
  expect(Atomics.load(words, GENERATION)).toBe(generation + 1)
  expect(wake).toHaveBeenCalledWith(expect.anything(), GENERATION)
  expect(workers.map(({ stopped }) => stopped)).toEqual([1, 1])
  expect(() => run(3)).toThrow('the pool is closed')
})

test('a program that is freed is read by no worker that wakes up late', () => {
  const workers = fakeWorkers()
  const { run, loaded } = smallProgram()
  let late = 0
  run(2, () => void (late = Atomics.load(controlOf(workers[0]), GENERATION)))
  const words = controlOf(workers[0])
  expect(isCurrent(words, late)).toBe(true)
  loaded.free()
  expect([late, late + 1].map((generation) => takeShard(words, generation))).toEqual([-1, -1])
  expect(isCurrent(words, late)).toBe(false)
})

test('killWorker ends the first worker, and does nothing where there is none', () => {
  const workers = fakeWorkers()
  poolFor('simd', 3).killWorker()
  expect(workers.map(({ stopped }) => stopped)).toEqual([1, 0])
  endPool('simd')
  expect(() => poolFor('simd', 1).killWorker()).not.toThrow()
})
