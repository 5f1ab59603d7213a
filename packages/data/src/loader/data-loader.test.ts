import { createHash } from 'node:crypto'
import { defaultGenerator, Generator, manualSeed, tensor } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import fullSize from '../../../../fixtures/data/full-size.json' with { type: 'json' }
import cases from '../../../../fixtures/data/loader.json' with { type: 'json' }
import type { Dataset } from '../datasets/dataset.ts'
import { randomSplit } from '../datasets/random-split.ts'
import { DataLoader } from './data-loader.ts'
import type { EpochState } from './epoch.ts'

/** Sample i is the number i, so that a batch tells which samples are in it. */
const numbers = (length: number): Dataset => ({ length, get: (i) => [tensor([i, -i]), i] })

const nextWord = (generator: Generator) => String(BigInt.asUintN(63, generator.random64()))

function epoch(loader: DataLoader, stopAfter = Number.POSITIVE_INFINITY): number[][] {
  const batches: number[][] = []
  for (const [, y] of loader) {
    batches.push([...y.data])
    if (batches.length >= stopAfter) break
  }
  return batches
}

describe("torch's batches and draws, three epochs with validation between", () => {
  test('there are as many cases as were exported', () => expect(cases.length).toBe(99))

  test.each(cases)(
    'seed $seed, $train samples, shuffle $shuffle, dropLast $dropLast, own $ownSeed, stop $stopAfter',
    (c) => {
      manualSeed(BigInt(c.seed))
      const own = c.ownSeed === null ? undefined : new Generator(c.ownSeed)
      const [train, val] = randomSplit(numbers(c.train + c.val), [c.train, c.val])
      const { batchSize, shuffle, dropLast } = c
      const loader = new DataLoader(train, { batchSize, shuffle, dropLast, ...(own && { generator: own }) })
      const valLoader = new DataLoader(val, { batchSize: 4 })
      expect(loader.length).toBe(c.length)
      for (const expected of c.epochs) {
        expect(epoch(loader, c.stopAfter ?? undefined)).toEqual(expected.train)
        expect(epoch(valLoader)).toEqual(expected.val)
      }
      expect(nextWord(defaultGenerator)).toBe(c.next)
      if (own) expect(nextWord(own)).toBe(c.ownNext)
    },
  )

  test.each(fullSize)("MNIST's sizes, seed $seed", ({ seed, sha256, next }) => {
    manualSeed(seed)
    const data: Dataset = {
      length: 60000,
      get: (i) => [tensor([i]), i],
      gather: (order, from, to, _, y) => y.set(order.subarray(from, to)),
    }
    const [train, val] = randomSplit(data, [0.8, 0.2])
    const loaders = [
      new DataLoader(train, { batchSize: 64, shuffle: true }),
      new DataLoader(val, { batchSize: 256 }),
    ]
    const order = [1, 2, 3].flatMap(() => loaders.flatMap((loader) => epoch(loader).flat()))
    expect(createHash('sha256').update(Int32Array.from(order)).digest('hex')).toBe(sha256)
    expect(nextWord(defaultGenerator)).toBe(next)
  })
})

describe('a batch', () => {
  test('is x [N,…], y [N] and their indices in fresh arrays, the last one partial', () => {
    const loader = new DataLoader(numbers(5), { batchSize: 2 })
    const batches = Array.from(loader, ([x, y]) => ({ x, y, indices: loader.indices }))
    expect(batches.map(({ x }) => x.shape)).toEqual([
      [2, 2],
      [2, 2],
      [1, 2],
    ])
    expect(batches.map(({ x }) => [...x.data])).toEqual([
      [0, -0, 1, -1],
      [2, -2, 3, -3],
      [4, -4],
    ])
    expect(batches.map(({ y }) => [y.dtype, ...y.data])).toEqual([
      ['int32', 0, 1],
      ['int32', 2, 3],
      ['int32', 4],
    ])
    expect(batches.map(({ indices }) => [...indices])).toEqual([[0, 1], [2, 3], [4]])
  })

  test('indices count in the loader’s own dataset', () => {
    const [part] = randomSplit(numbers(9), [4, 5], { generator: new Generator(3) })
    const loader = new DataLoader(part, { batchSize: 4, shuffle: true, generator: new Generator(4) })
    for (const [, y] of loader) expect([...loader.indices].map((i) => part.indices[i])).toEqual([...y.data])
  })

  test('two iterators of one loader do not disturb each other', () => {
    const loader = new DataLoader(numbers(4), { batchSize: 2 })
    const [a, b] = [loader[Symbol.iterator](), loader[Symbol.iterator]()]
    const labels = [a, b, a, b].map((iterator) => [...(iterator.next().value?.[1].data ?? [])])
    expect(labels).toEqual([
      [0, 1],
      [0, 1],
      [2, 3],
      [2, 3],
    ])
  })

  test('is changed by the transform', () => {
    const loader = new DataLoader(numbers(3), {
      batchSize: 2,
      transform: (x, sampleShape) => {
        for (let i = 0; i < x.length; i++) x[i] = x[i] + 10 * sampleShape[0]
      },
    })
    expect(Array.from(loader, ([x]) => [...x.data])).toEqual([
      [20, 20, 21, 19],
      [22, 18],
    ])
  })

  test('has one sample, in order, unless told', () => {
    const loader = new DataLoader(numbers(3))
    const { batchSize, shuffle, dropLast, length } = loader
    expect({ batchSize, shuffle, dropLast, length }).toEqual({
      batchSize: 1,
      shuffle: false,
      dropLast: false,
      length: 3,
    })
    expect(epoch(loader)).toEqual([[0], [1], [2]])
  })

  test('keeps its indices: those of the next batch, or of who writes to them, are others', () => {
    const loader = new DataLoader(numbers(4), { batchSize: 2 })
    const iterator = loader.batches(loader.start())
    expect([...loader.indices]).toEqual([])
    iterator.next()
    const kept = loader.indices
    kept.fill(3)
    expect(iterator.next().value?.[1].data).toEqual(Int32Array.of(2, 3))
    expect([...kept, ...loader.indices]).toEqual([3, 3, 2, 3])
    const pass = loader.start()
    loader.batches(pass).next()
    loader.indices.fill(3)
    expect([...pass.order]).toEqual([0, 1, 2, 3])
  })

  test('is what the transform makes of it, which hears the shape of a sample', () => {
    const heard: unknown[] = []
    const wide: Dataset = { length: 2, get: (i) => [tensor([[i, 2, 3]]), i] }
    const loader = new DataLoader(wide, {
      batchSize: 2,
      transform: (x, sampleShape) => void heard.push([...x], [...sampleShape]),
    })
    loader[Symbol.iterator]().next()
    expect(heard).toEqual([
      [0, 2, 3, 1, 2, 3],
      [1, 3],
    ])
  })

  test('an empty dataset has none', () => {
    expect([...new DataLoader(numbers(0), { batchSize: 2 })]).toEqual([])
  })
})

describe('buffers and state', () => {
  const options = (seed: number) => ({ batchSize: 3, shuffle: true, generator: new Generator(seed) })

  test('fill writes what the iterator gives', () => {
    const expected = epoch(new DataLoader(numbers(7), options(5)))
    const loader = new DataLoader(numbers(7), options(5))
    const pass = loader.start()
    const y = new Int32Array(3)
    const filled: number[][] = []
    while (pass.next()) {
      const count = pass.to - pass.from
      const x = new Float32Array(2 * count).fill(Number.NaN)
      loader.fill(pass, x, y.subarray(0, count))
      filled.push([...y.subarray(0, count)])
      expect([...x]).toEqual([...y.subarray(0, count)].flatMap((i) => [i, -i]))
    }
    expect(filled).toEqual(expected)
    expect(pass.next()).toBe(false)
  })

  test.each([0, 1, 2, 3])('an epoch goes on after %i batches, draws included', (done) => {
    const whole = new Generator(6)
    const expected = epoch(new DataLoader(numbers(7), { batchSize: 3, shuffle: true, generator: whole }))
    const first = options(6)
    const pass = new DataLoader(numbers(7), first).start()
    for (let i = 0; i < done; i++) pass.next()
    const saved = { epoch: structuredClone(pass.state()), generator: first.generator.getState() }

    const second = new Generator(99).setState(saved.generator)
    const loader = new DataLoader(numbers(7), { batchSize: 3, shuffle: true, generator: second })
    const rest = Array.from(loader.batches(loader.resume(saved.epoch)), ([, y]) => [...y.data])
    expect(rest).toEqual(expected.slice(done))
    expect(second.getState()).toEqual(whole.getState())
  })

  test('an epoch goes on in its middle where only `get` knows the shape, and `gather` the rest', () => {
    const gathering: Dataset = {
      ...numbers(6),
      gather(order, from, to, x, y) {
        for (let i = from; i < to; i++) {
          x.set([order[i], -order[i]], 2 * (i - from))
          y[i - from] = order[i]
        }
      },
    }
    const loader = new DataLoader(gathering, { batchSize: 3 })
    const order = Int32Array.of(5, 4, 3, 2, 1, 0)
    const rest = [...loader.batches(loader.resume({ order, position: 2, exhausted: false }))]
    expect(rest.map(([x, y]) => [[...x.data], [...y.data]])).toEqual([
      [
        [3, -3, 2, -2, 1, -1],
        [3, 2, 1],
      ],
      [[0, -0], [0]],
    ])
  })

  test('a state is a copy, and so is what is resumed from it', () => {
    const loader = new DataLoader(numbers(3), { batchSize: 2 })
    const pass = loader.start()
    expect([pass.order.length, pass.state()]).toEqual([
      0,
      { order: null, position: 0, exhausted: false, targetDtype: null },
    ])
    pass.next()
    loader.take(pass)
    const state = pass.state()
    expect(state).toEqual({
      order: Int32Array.of(0, 1, 2),
      position: 2,
      exhausted: false,
      targetDtype: 'int32',
    })
    const again = loader.resume(state)
    expect(again.state()).toEqual(state)
    expect([again.from, again.to, [...again.order]]).toEqual([2, 2, [0, 1, 2]])
    state.order!.fill(0)
    for (const each of [pass, again]) {
      expect([each.next(), each.from, each.to, [...each.order]]).toEqual([true, 2, 3, [0, 1, 2]])
      expect(each.state()).toMatchObject({ position: 3, exhausted: true })
    }
    pass.state().order!.fill(0)
    expect([...pass.order]).toEqual([0, 1, 2])
  })

  test('a state of an older version, and one of an epoch that is over', () => {
    const loader = new DataLoader(numbers(3), { batchSize: 2 })
    const over = { order: Int32Array.of(2, 0, 1), position: 3, exhausted: true }
    expect([...loader.batches(loader.resume(over))]).toEqual([])
    const older = { ...over, position: 2 }
    expect(Array.from(loader.batches(loader.resume(older)), ([, y]) => [...y.data])).toEqual([[1]])
  })

  test.each([
    [{ order: null, position: 1, exhausted: false }, 'position 1 is not one of an epoch of 3 samples'],
    [{ order: Int32Array.of(0, 1, 2), position: 4, exhausted: false }, 'position 4'],
    [{ order: Int32Array.of(0, 1, 2), position: -1, exhausted: false }, 'position -1'],
    [
      { order: Int32Array.of(0, 1), position: 1, exhausted: false },
      "not a permutation of this dataset's 3 samples",
    ],
    [{ order: Int32Array.of(0, 1, 1), position: 1, exhausted: false }, 'not a permutation'],
    [{ order: Int32Array.of(0, 1, 3), position: 1, exhausted: false }, 'not a permutation'],
    [{ order: Int32Array.of(0, 1, -1), position: 1, exhausted: false }, 'not a permutation'],
    [{ order: Int32Array.of(0, 1, 2, 1), position: 1, exhausted: false }, 'not a permutation'],
    [{ order: Int32Array.of(0, 1, 2), position: 1.5, exhausted: false }, 'position 1.5'],
    [null as unknown as EpochState, 'DataLoader.resume: the state is null, expected that of an epoch'],
    [
      undefined as unknown as EpochState,
      'DataLoader.resume: the state is undefined, expected that of an epoch',
    ],
    [
      { order: [0, 1, 2] as unknown as Int32Array, position: 1, exhausted: false },
      'DataLoader.resume: order is an array, expected an Int32Array or null',
    ],
    [
      { order: null, position: 0, exhausted: false, targetDtype: 'int64' as 'int32' },
      'DataLoader.resume: targetDtype is int64, expected int32, float32 or null',
    ],
  ])('a state of another dataset is refused: %j', (state, message) => {
    expect(() => new DataLoader(numbers(3)).resume(state)).toThrow(message)
  })
})
