import { beforeEach, describe, expect, test, vi } from 'vitest'

type Memory = typeof import('./memory.ts')
const { WebAssembly: api } = globalThis as unknown as {
  WebAssembly: { Memory: new (options: { initial: number; maximum: number; shared: true }) => object }
}
const PAGE = 65536
let memory: Memory

/** A fresh memory of at most `pages`. */
async function load(pages = 64): Promise<Memory> {
  vi.resetModules()
  vi.stubGlobal('WebAssembly', {
    Memory: function (options: { initial: number; maximum: number; shared: true }) {
      return new api.Memory({ ...options, maximum: pages })
    },
  })
  return import('./memory.ts')
}

beforeEach(async () => {
  memory = await load()
  return () => vi.unstubAllGlobals()
})

const bytes = (at: number, length: number): Uint8Array =>
  new Uint8Array(memory.sharedMemory().buffer, at, length)
const size = (): number => memory.sharedMemory().buffer.byteLength

describe('takeBlock', () => {
  test('gives stretches that do not overlap, from 64 on, each on a cache line', () => {
    const wanted = [1, 64, 65, 0, 200, 63]
    const at = wanted.map((length) => memory.takeBlock(length))
    expect(at).toEqual([64, 128, 192, 320, 384, 640])
  })

  test('counts what was taken, not what was given back', () => {
    const at = memory.takeBlock(10)
    memory.freeBlock(at, 10)
    memory.takeBlock(10)
    expect(memory.blocksTaken()).toBe(2)
  })

  test('is filled with 0 to its last byte, and leaves its neighbours', () => {
    const [left, at, right] = [64, 100, 64].map((length) => memory.takeBlock(length))
    for (const [start, length] of [[left, 64], [at, 128], [right, 64]]) bytes(start, length).fill(9) // biome-ignore format: pairs
    memory.freeBlock(at, 100)
    expect(memory.takeBlock(128)).toBe(at)
    expect(new Set(bytes(at, 128))).toEqual(new Set([0]))
    expect([...bytes(left, 64), ...bytes(right, 64)].every((byte) => byte === 9)).toBe(true)
  })

  test('grows the memory by as many pages as are missing', () => {
    expect(size()).toBe(PAGE)
    // 64 bytes at the start belong to no block: this one ends with the page.
    expect(memory.takeBlock(PAGE - 64)).toBe(64)
    expect(size()).toBe(PAGE)
    expect(memory.takeBlock(1)).toBe(PAGE)
    expect(size()).toBe(2 * PAGE)
    memory.takeBlock(3 * PAGE)
    expect(size()).toBe(5 * PAGE)
    memory.takeBlock(PAGE - 64)
    expect(size()).toBe(5 * PAGE)
    memory.takeBlock(64)
    expect(size()).toBe(6 * PAGE)
  })

  test('what was written before it grew is still there', () => {
    const at = memory.takeBlock(64)
    const view = bytes(at, 64).fill(5)
    memory.takeBlock(4 * PAGE)
    expect([...bytes(at, 64)]).toEqual(Array(64).fill(5))
    view[0] = 6
    expect(bytes(at, 1)[0]).toBe(6)
  })

  test('where there is no more, says by how much, and a smaller one is still given', async () => {
    memory = await load(2)
    expect(() => memory.takeBlock(2 * PAGE)).toThrow(
      "the kernels' memory cannot grow by 131072 bytes; use smaller batches",
    )
    expect(() => memory.takeBlock(2 * PAGE)).toThrow(RangeError)
    expect(memory.blocksTaken()).toBe(0)
    expect(memory.takeBlock(2 * PAGE - 64)).toBe(64)
  })
})

describe('freeBlock', () => {
  test('the first stretch that is large enough is taken again, and what is left of it stays free', () => {
    const at = [64, 256, 64, 512, 64].map((length) => memory.takeBlock(length))
    memory.freeBlock(at[3], 512)
    memory.freeBlock(at[1], 256)
    // 300 bytes take 320, which only the second has; then 192 of it are left.
    expect(memory.takeBlock(300)).toBe(at[3])
    expect(memory.takeBlock(64)).toBe(at[1])
    expect(memory.takeBlock(192)).toBe(at[1] + 64)
    expect(memory.takeBlock(192)).toBe(at[3] + 320)
    expect(memory.takeBlock(64)).toBe(at[4] + 64)
  })

  test.each([[[0, 1, 2]], [[0, 2, 1]], [[2, 1, 0]], [[1, 0, 2]], [[2, 0, 1]], [[1, 2, 0]]])(
    'neighbours given back in the order %o become one',
    (order) => {
      const lengths = [100, 64, 200]
      const at = lengths.map((length) => memory.takeBlock(length))
      const behind = memory.takeBlock(64)
      for (const i of order) memory.freeBlock(at[i], lengths[i])
      expect(memory.takeBlock(128 + 64 + 256)).toBe(at[0])
      expect(memory.takeBlock(1)).toBe(behind + 64)
    },
  )

  test('what is not next to each other stays apart', () => {
    const at = [64, 64, 64].map((length) => memory.takeBlock(length))
    memory.freeBlock(at[0], 64)
    memory.freeBlock(at[2], 64)
    expect(memory.takeBlock(128)).toBe(at[2] + 64)
    expect([memory.takeBlock(64), memory.takeBlock(64)]).toEqual([at[0], at[2]])
  })

  test('a block of no bytes is one of 64', () => {
    const at = memory.takeBlock(0)
    const next = memory.takeBlock(64)
    memory.freeBlock(at, 0)
    expect(memory.takeBlock(64)).toBe(at)
    expect(next).toBe(at + 64)
  })

  test('a thousand blocks of all sizes, taken and given back, never overlap, and nothing is lost', () => {
    const held: { at: number; length: number }[] = []
    let state = 1
    const draw = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return (state >>> 8) % below
    }
    for (let n = 0; n < 1000; n++) {
      if (held.length > 0 && draw(2) === 0) {
        const [{ at, length }] = held.splice(draw(held.length), 1)
        memory.freeBlock(at, length)
        continue
      }
      const length = draw(3000)
      const at = memory.takeBlock(length)
      expect(at % 64).toBe(0)
      expect(bytes(at, length).every((byte) => byte === 0)).toBe(true)
      bytes(at, length).fill(1)
      for (const other of held) {
        expect(at + length <= other.at || other.at + other.length <= at, `${at} and ${other.at}`).toBe(true)
      }
      held.push({ at, length })
    }
    for (const { at, length } of held) memory.freeBlock(at, length)
    const before = size()
    expect(memory.takeBlock(before / 2)).toBe(64)
    expect(size()).toBe(before)
  })
})
