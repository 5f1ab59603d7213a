import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { platform } from '#platform'
import { comeUp, controlOf, fakeWorkers, type Small, smallProgram } from '../../test/engine.ts'
import { useBackend } from '../backend.ts'
import { fused, plain } from '../kernels.generated.ts'
import { recompileKernels, registerKernels } from '../simd/kernels.ts'
import { blocksTaken } from '../simd/memory.ts'
import { FAILED, GENERATION, THREADS, takeShard } from './control.ts'
import { currentThreads } from './in-force.ts'
import { claimPool, endPool, poolFor, threadsFor, useThreads, withThreads } from './threads.ts'

const own = { fused, plain }
beforeAll(() => registerKernels('tensor', own))

const ending: (() => void)[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const end of ending.splice(0)) end()
  useBackend('simd')
  useThreads(1)
})

function program(samples = 16): Small {
  const made = smallProgram({ samples })
  ending.push(() => made.loaded.free())
  return made
}

function claim(threads: number, warn: (text: string) => void = () => {}): () => void {
  const end = claimPool('simd', threads, warn)
  ending.push(end)
  return end
}

const stopped = (workers: readonly { stopped: number }[]): number[] => workers.map((one) => one.stopped)
/** What is said of a worker that did not come up. */
const missing = (reason: string): unknown =>
  expect.stringMatching(new RegExp(`^(handgrad: )?a worker thread did not come up \\(${reason}\\): `))

describe('useThreads', () => {
  test('gives the count in force at once, before any worker is up', () => {
    const workers = fakeWorkers()
    expect(currentThreads()).toBe(1)
    expect([useThreads(3), currentThreads()]).toEqual([3, 3])
    expect(workers.map(({ message }) => message!.thread)).toEqual([1, 2])
    expect([useThreads(2), currentThreads()]).toEqual([2, 2])
    expect(stopped(workers)).toEqual([0, 0])
    expect([useThreads(1), currentThreads()]).toEqual([1, 1])
  })

  test.each([0, 1.5, Number.NaN, '2', -1, Number.POSITIVE_INFINITY, null, undefined, 2n, 2 ** 53])(
    'refuses %o, and keeps what it had',
    (n) => {
      const workers = fakeWorkers()
      useThreads(2)
      const shown = typeof n === 'string' ? "'2'" : typeof n === 'bigint' ? '2n' : `${n}`
      expect(() => useThreads(n as number)).toThrow(
        new RangeError(`useThreads: n is ${shown}, expected a whole number ≥ 1`),
      )
      expect(currentThreads()).toBe(2)
      expect(stopped(workers)).toEqual([0])
    },
  )

  test('takes no more than 256', () => {
    const workers = fakeWorkers()
    expect([useThreads(256), useThreads(257), useThreads(2 ** 53 - 1)]).toEqual([256, 256, 256])
    expect(workers).toHaveLength(255)
    expect([threadsFor(255), threadsFor(300)]).toEqual([255, 256])
  })

  test('is 1 where memory cannot be shared, without a worker or a throw', () => {
    const workers = fakeWorkers()
    vi.spyOn(platform, 'canShare', 'get').mockReturnValue(false)
    expect([useThreads(4), currentThreads(), threadsFor(4)]).toEqual([1, 1, 1])
    expect(workers).toEqual([])
  })

  test('(1) ends the workers of every backend, once', () => {
    const workers = fakeWorkers()
    useThreads(2)
    useBackend('simd-plain')
    useThreads(3)
    expect(stopped(workers)).toEqual([0, 0, 0])
    useThreads(1)
    useThreads(1)
    expect(stopped(workers)).toEqual([1, 1, 1])
    useThreads(2)
    expect(stopped(workers)).toEqual([1, 1, 1, 0])
  })

  test('on reference starts nobody', () => {
    const workers = fakeWorkers()
    useBackend('reference')
    expect(useThreads(3)).toBe(3)
    expect(workers).toEqual([])
  })

  test('of 1 takes no memory', () => {
    const taken = blocksTaken()
    useThreads(1)
    expect(blocksTaken()).toBe(taken)
  })
})

test('withThreads is for one call, and for one that throws', () => {
  fakeWorkers()
  useThreads(2)
  expect(withThreads(3, () => currentThreads())).toBe(3)
  expect(currentThreads()).toBe(2)
  const fail = (): never => {
    throw new Error(`on ${currentThreads()}`)
  }
  expect(() => withThreads(5, fail)).toThrow('on 5')
  expect(currentThreads()).toBe(2)
  expect(withThreads(300, () => withThreads(4, currentThreads) + currentThreads())).toBe(260)
})

describe('a claim', () => {
  test('keeps its backend’s workers, until the last one is given back', () => {
    const workers = fakeWorkers()
    useThreads(3)
    const [a, b] = [claim(2), claim(3)]
    useBackend('simd-plain')
    useThreads(2)
    useThreads(1)
    expect(stopped(workers)).toEqual([0, 0, 1])
    a()
    // Giving back twice is giving back once.
    a()
    expect(stopped(workers)).toEqual([0, 0, 1])
    b()
    expect(stopped(workers)).toEqual([1, 1, 1])
  })

  test('that is given back leaves the workers that useThreads asks for', () => {
    const workers = fakeWorkers()
    useThreads(2)
    claim(2)()
    expect(stopped(workers)).toEqual([0])
    useThreads(1)
    expect(stopped(workers)).toEqual([1])
  })

  test('starts so many workers, and hears of those that did not come up before', () => {
    const workers = fakeWorkers()
    const [first, second] = [vi.fn<(text: string) => void>(), vi.fn<(text: string) => void>()]
    claim(2, first)
    expect(workers).toHaveLength(1)
    workers[0].failed('no luck')
    expect(first.mock.calls).toEqual([[missing('no luck')]])
    claim(3, second)
    expect(workers).toHaveLength(2)
    expect(second.mock.calls).toEqual([[missing('no luck')]])
    expect(first).toHaveBeenCalledTimes(1)
  })

  test('hears of its own backend, until it is given back, from pools that take the place of the first too', () => {
    const workers = fakeWorkers()
    const [first, second] = [vi.fn<(text: string) => void>(), vi.fn<(text: string) => void>()]
    const end = claim(2, first)
    claim(2, second)
    endPool('simd')
    poolFor('simd', 2)
    poolFor('simd-plain', 2)
    workers[1].failed('late')
    workers[2].failed('of another backend')
    expect([first, second].map(({ mock }) => mock.calls)).toEqual([[[missing('late')]], [[missing('late')]]])
    end()
    poolFor('simd', 3)
    workers[3].failed('later')
    expect(first).toHaveBeenCalledTimes(1)
    expect(second).toHaveBeenLastCalledWith(missing('later'))
  })
})

describe('a pool', () => {
  test('is kept while its kernels are those that there are, and replaced when more have come or they were compiled anew', () => {
    const workers = fakeWorkers()
    const first = poolFor('simd', 2)
    expect(poolFor('simd', 2)).toBe(first)
    expect(poolFor('simd-plain', 2)).not.toBe(first)
    registerKernels('test', own)
    const second = poolFor('simd', 2)
    expect(second).not.toBe(first)
    expect(stopped(workers)).toEqual([1, 0, 0])
    expect(Object.keys(workers[2].message!.modules)).toEqual(['tensor', 'test'])
    recompileKernels()
    expect(poolFor('simd', 2)).not.toBe(second)
    expect(stopped(workers)).toEqual([1, 0, 1, 0])
  })
})

describe('the same bits', () => {
  test('on 1, 2, 3 and 8 threads, while the workers come up and when they are there', async () => {
    const sizes = [1, 5, 16, 100].map((samples) => ({ samples, alone: program(samples).run(1) }))
    useThreads(8)
    const check = (): void => {
      for (const { samples, alone } of sizes) {
        const { run } = program(samples)
        for (const threads of [2, 3, 8]) expect([run(threads), run(threads)]).toEqual([alone, alone])
      }
    }
    check()
    await vi.waitUntil(() => poolFor('simd', 8).ready(8) === 7, 30_000)
    check()
  })

  test('one shard stays on the calling thread; who finds no shard takes no part', () => {
    const workers = fakeWorkers()
    program(1).run(8)
    expect(workers).toEqual([])
    const { loaded, run } = program(3)
    const before = loaded.bytes
    run(2)
    const scratch = loaded.bytes - before
    expect(scratch).toBeGreaterThan(0)
    run(8)
    expect(Atomics.load(controlOf(workers[0]), THREADS)).toBe(3)
    expect(loaded.bytes).toBe(before + 2 * scratch)
    run(2)
    expect(loaded.bytes).toBe(before + 2 * scratch)
  })
})

test('a worker that dies in a call makes this call throw; what was there can be read, and the next program is right', () => {
  const workers = fakeWorkers()
  const alone = program().run(1)
  const { loaded, run, y } = program()
  run(2)
  comeUp(workers[0])
  const words = controlOf(workers[0])
  const die = (): void => {
    takeShard(words, Atomics.load(words, GENERATION))
    Atomics.store(words, FAILED, 1)
  }
  expect(() => run(2, die)).toThrow('worker thread 1 is gone: a kernel threw')
  expect(loaded.isLost).toBe(true)
  expect([...y]).toEqual(alone.y)
  loaded.free()
  // Nobody gets the memory that the lost thread may still write to.
  const { y: other, run: next } = program()
  expect(other.byteOffset).not.toBe(y.byteOffset)
  expect(next(2)).toEqual(alone)
  expect(workers).toHaveLength(2)
})

test('workers keep no process alive', () => {
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-workers-'))
  const source = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
  const script = `
    import { fused, plain } from ${source('../kernels.generated.ts')}
    import { registerKernels } from ${source('../simd/kernels.ts')}
    import { poolFor, useThreads } from ${source('./threads.ts')}
    registerKernels('tensor', { fused, plain })
    const count = useThreads(3)
    while (poolFor('simd', count).ready(count) < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    console.log(count)`
  try {
    const path = join(folder, 'open.mjs')
    writeFileSync(path, script)
    expect(execFileSync(process.execPath, [path], { encoding: 'utf8', timeout: 30_000 })).toBe('3\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
