import { describe, expect, test } from 'vitest'
import { type Call, Routine, runShard, shardStart, shardsOf } from './program.ts'
import { COUNT } from './value.ts'

describe('shards', () => {
  test.each([
    // A small slot: one sample a shard, at most 8.
    [1, 64, 1],
    [7, 64, 7],
    [8, 64, 8],
    [9, 64, 8],
    [20, 1 << 17, 8],
    // A large one: one shard for every 16 samples.
    [1, (1 << 17) + 1, 1],
    [16, (1 << 17) + 1, 1],
    [17, 1 << 20, 2],
    [33, 1 << 20, 3],
    [112, 1 << 20, 7],
    [113, 1 << 20, 8],
    [1000, 1 << 20, 8],
  ])('%i samples with a gradient of %i bytes are cut into %i', (samples, slot, shards) => {
    expect(shardsOf(samples, slot)).toBe(shards)
  })

  test('cover the batch, each sample once, in parts of almost equal size', () => {
    expect([0, 1, 2, 3].map((index) => shardStart(10, 3, index))).toEqual([0, 3, 6, 10])
    for (let samples = 1; samples <= 40; samples++) {
      for (let shards = 1; shards <= Math.min(8, samples); shards++) {
        const starts = Array.from({ length: shards + 1 }, (_, index) => shardStart(samples, shards, index))
        expect([starts[0], starts[shards]]).toEqual([0, samples])
        const sizes = starts.slice(1).map((start, i) => start - starts[i])
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }
    }
  })
})

describe('a routine', () => {
  const log: [string, ...number[]][] = []
  const kernel =
    (name: string) =>
    (...args: number[]) =>
      void log.push([name, ...args])
  const kernels = { 'a/one': kernel('one'), 'b/two': kernel('two') }
  const calls: Call[] = [
    {
      kernel: 'a/one',
      args: [
        5,
        COUNT,
        { space: 'fixed', offset: 8, stride: 4 },
        -1,
        { space: 'scratch', offset: 16, stride: 0 },
        { space: 'slot', offset: 32, stride: 100 },
        COUNT,
      ],
    },
    { kernel: 'b/two', args: [] },
  ]
  const bases = { fixed: 1000, scratch: 20_000, slot: 300_000 }
  const ran = (): typeof log => log.splice(0)

  test('calls its kernels in order, with addresses that move with the samples', () => {
    const routine = new Routine(calls, kernels)
    routine.run(bases, 0, 8)
    expect(ran()).toEqual([['one', 5, 8, 1008, -1, 20_016, 300_032, 8], ['two']])
    routine.run(bases, 3, 2)
    expect(ran()).toEqual([['one', 5, 2, 1020, -1, 20_016, 300_332, 2], ['two']])
    routine.run({ fixed: 0, scratch: 0, slot: 0 }, 1, 1)
    expect(ran()).toEqual([['one', 5, 1, 12, -1, 16, 132, 1], ['two']])
  })

  test('a kernel that there is not is named when it is made', () => {
    expect(() => new Routine([{ kernel: 'a/three', args: [] }], kernels)).toThrow(
      "there is no kernel 'a/three'; run `pnpm kernels`",
    )
  })

  test('a shard: once what begins it, then its samples in micro-batches, the last one short', () => {
    const sample: Call = { kernel: 'a/one', args: [COUNT, { space: 'fixed', offset: 0, stride: 1 }] }
    const routine = (...list: Call[]): Routine => new Routine(list, kernels)
    const job = { micro: 3, begin: routine({ kernel: 'b/two', args: [2, COUNT] }), body: routine(sample) }
    let moved = 0
    runShard(job, bases, 0, 7, () => moved++)
    expect(ran()).toEqual([
      ['two', 2, 0],
      ['one', 3, 1000],
      ['one', 3, 1003],
      ['one', 1, 1006],
    ])
    expect(moved).toBe(3)
    runShard(job, bases, 4, 7)
    expect(ran()).toEqual([
      ['two', 2, 0],
      ['one', 3, 1004],
    ])
    runShard(job, bases, 5, 5)
    expect(ran()).toEqual([['two', 2, 0]])
  })
})
