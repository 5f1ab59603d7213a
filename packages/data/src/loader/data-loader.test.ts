import { createHash } from 'node:crypto'
import { defaultGenerator, Generator, manualSeed, tensor } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import fullSize from '../../../../fixtures/data/full-size.json' with { type: 'json' }
import cases from '../../../../fixtures/data/loader.json' with { type: 'json' }
import type { Dataset } from '../datasets/dataset.ts'
import { randomSplit } from '../datasets/random-split.ts'
import { DataLoader } from './data-loader.ts'

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
  ])('a state of another dataset is refused: %j', (state, message) => {
    expect(() => new DataLoader(numbers(3)).resume(state)).toThrow(message)
  })
})

describe('what is refused', () => {
  const dataset = numbers(3)
  test.each<[string, () => unknown]>([
    [
      'DataLoader: batchSize is 0, expected a whole number above 0',
      () => new DataLoader(dataset, { batchSize: 0 }),
    ],
    ['DataLoader: batchSize is 1.5, expected a whole', () => new DataLoader(dataset, { batchSize: 1.5 })],
    ['DataLoader: an empty dataset cannot be shuffled', () => new DataLoader(numbers(0), { shuffle: true })],
    [
      'DataLoader: the dataset has no length and get(index)',
      () => new DataLoader([1, 2, 3] as unknown as Dataset, { batchSize: 2 }),
    ],
    [
      'DataLoader: generator is not a Generator',
      () => new DataLoader(dataset, { generator: 5 as unknown as Generator }),
    ],
    [
      'DataLoader.fill: buffers of 5 and 2 elements, a batch of 2 needs 4 and 2',
      () => {
        const loader = new DataLoader(dataset, { batchSize: 2 })
        const pass = loader.start()
        pass.next()
        loader.fill(pass, new Float32Array(5), new Int32Array(2))
      },
    ],
    [
      'sample 1 has 1 values, expected 2 as in sample 0',
      () => [
        ...new DataLoader({ length: 2, get: (i) => [tensor(i === 0 ? [1, 2] : [3]), i] }, { batchSize: 2 }),
      ],
    ],
  ])('%s', (message, run) => {
    expect(run).toThrow(message)
  })
})
