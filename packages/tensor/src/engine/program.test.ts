import { describe, expect, test } from 'vitest'
import {
  type Call,
  COUNT,
  Compiler,
  type Program,
  Routine,
  runWhole,
  shardStart,
  shardsOf,
} from '../index.ts'

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

test.each([
  [20, 8, 8],
  [8, 8, 8],
  [3, 8, 3],
  [0, 8, 1],
])('a program for %i samples, %i at a time, has room for %i', (samples, micro, room) => {
  const compiler = new Compiler(samples, micro, true)
  const { ref } = compiler.image(1, 1, 1, {})
  expect([compiler.micro, compiler.program().micro]).toEqual([room, room])
  expect(compiler.program().bytes.scratch - ref.offset).toBeGreaterThanOrEqual(16 * room)
})

test('what a program takes lies on cache lines, with a vector to spare behind it', () => {
  const compiler = new Compiler(3, 8, true)
  for (const space of ['fixed', 'scratch', 'slot'] as const) {
    const taken = [1, 64, 60, 128, 0].map((bytes) => ({ bytes, ...compiler.take(space, bytes, 4) }))
    taken.forEach(({ offset, stride }, i) => {
      expect([offset % 64, stride]).toEqual([0, 4])
      const next = taken[i + 1]?.offset ?? compiler.take(space, 0).offset
      expect(next - offset).toBeGreaterThanOrEqual(taken[i].bytes + 16)
    })
  }
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

  test('a whole program: once what begins it, then all samples in micro-batches, the last one short', () => {
    const sample: Call = { kernel: 'a/one', args: [COUNT, { space: 'fixed', offset: 0, stride: 1 }] }
    const program: Program = {
      samples: 7,
      shards: 1,
      micro: 3,
      bytes: { fixed: 0, scratch: 0, slot: 0 },
      prepare: [{ kernel: 'b/two', args: [1] }],
      begin: [{ kernel: 'b/two', args: [2, COUNT] }],
      body: [sample],
      finish: [{ kernel: 'b/two', args: [3] }],
    }
    runWhole(program, kernels, bases, 7)
    expect(ran()).toEqual([
      ['two', 2, 0],
      ['one', 3, 1000],
      ['one', 3, 1003],
      ['one', 1, 1006],
    ])
    runWhole(program, kernels, bases, 3)
    expect(ran()).toEqual([
      ['two', 2, 0],
      ['one', 3, 1000],
    ])
    runWhole(program, kernels, bases, 0)
    expect(ran()).toEqual([['two', 2, 0]])
  })
})
