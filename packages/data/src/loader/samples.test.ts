import { defaultGenerator, Generator, manualSeed, type Tensor, tensor, zeros } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import cases from '../../../../fixtures/data/drawing.json' with { type: 'json' }
import type { Dataset, Gather } from '../datasets/dataset.ts'
import { Subset } from '../datasets/subset.ts'
import { DataLoader } from './data-loader.ts'

/** Sample i is i, and 20 or 40 more when the default generator says so: `torch.randint(0, 3, ())`. */
const drawing: Dataset = {
  length: 7,
  get: (i) => [tensor([i + 20 * (defaultGenerator.random32() % 3)]), i],
}

/** What each batch's y and x are. */
const columns = (batches: Iterable<[Tensor<'float32'>, Tensor<'int32'>]>): number[][][] =>
  Array.from(batches, ([x, y]) => [[...y.data], [...x.data]])

describe("a dataset that draws gets torch's draws", () => {
  test.each(cases)('shuffle $shuffle, dropLast $dropLast, own $ownSeed', (c) => {
    manualSeed(c.seed)
    const own = c.ownSeed === null ? {} : { generator: new Generator(c.ownSeed) }
    const { shuffle, dropLast } = c
    const loader = new DataLoader(drawing, { batchSize: 3, shuffle, dropLast, ...own })
    for (const epoch of c.epochs) expect(columns(loader)).toEqual(epoch)
    expect(String(BigInt.asUintN(63, defaultGenerator.random64()))).toBe(c.next)
  })

  test.each([1, 2])('and goes on alike after %i batches in another process', (done) => {
    const options = { batchSize: 3, shuffle: true }
    manualSeed(4)
    const loader = new DataLoader(drawing, options)
    const epoch = loader.start()
    for (let i = 0; i < done; i++) {
      epoch.next()
      loader.take(epoch)
    }
    const saved = structuredClone({ epoch: epoch.state(), generator: defaultGenerator.getState() })
    manualSeed(99)
    defaultGenerator.setState(saved.generator)
    const again = new DataLoader(drawing, options)
    expect(columns(again.batches(again.resume(saved.epoch)))).toEqual(cases[0].epochs[0].slice(done))
  })
})

/** Counts what is asked for. */
function counted(length: number, parts: { sampleShape?: number[]; gather?: boolean } = {}) {
  const asked: number[] = []
  const gathered: number[][] = []
  const gather: Gather = (order, from, to, x, y) => {
    gathered.push([...order.subarray(from, to)])
    for (let i = from; i < to; i++) {
      x.set([order[i], -order[i]], 2 * (i - from))
      y[i - from] = order[i] + 100
    }
  }
  const dataset: Dataset = {
    length,
    get: (i) => {
      asked.push(i)
      return [tensor([i, -i]), i + 100]
    },
    ...(parts.sampleShape === undefined ? {} : { sampleShape: parts.sampleShape }),
    ...(parts.gather ? { gather } : {}),
  }
  return { dataset, asked, gathered }
}

describe('each sample is asked for once', () => {
  const expected = [
    [
      [100, 101],
      [0, -0, 1, -1],
    ],
    [
      [102, 103],
      [2, -2, 3, -3],
    ],
    [[104], [4, -4]],
  ]

  test('by get, in their order', () => {
    const { dataset, asked } = counted(5)
    expect(columns(new DataLoader(dataset, { batchSize: 2 }))).toEqual(expected)
    expect(asked).toEqual([0, 1, 2, 3, 4])
    asked.length = 0
    expect(columns(new DataLoader(new Subset(dataset, [3, 1]), { batchSize: 2 }))).toEqual([
      [
        [103, 101],
        [3, -3, 1, -1],
      ],
    ])
    expect(asked).toEqual([3, 1])
  })

  test('by fill too, in buffers that are given', () => {
    const { dataset, asked } = counted(3)
    const loader = new DataLoader(dataset, { batchSize: 2 })
    const epoch = loader.start()
    const [x, y] = [new Float32Array(4), new Int32Array(2)]
    epoch.next()
    loader.fill(epoch, x, y)
    expect([...x, ...y, ...asked]).toEqual([0, -0, 1, -1, 100, 101, 0, 1])
    epoch.next()
    loader.fill(epoch, x.subarray(2), y.subarray(1))
    expect([...x, ...y, ...asked]).toEqual([0, -0, 2, -2, 100, 102, 0, 1, 2])
  })

  test('by gather alone, where the dataset states its shape', () => {
    const { dataset, asked, gathered } = counted(5, { gather: true, sampleShape: [2] })
    const loader = new DataLoader(dataset, { batchSize: 2 })
    expect(loader.sampleShape).toEqual([2])
    expect(columns(loader)).toEqual(expected)
    expect([asked, gathered]).toEqual([[], [[0, 1], [2, 3], [4]]])
  })

  test('by gather, but for the first one, where it does not', () => {
    const { dataset, asked, gathered } = counted(5, { gather: true })
    const subset = new Subset(dataset, [4, 3, 2, 1, 0])
    const loader = new DataLoader(subset, { batchSize: 2 })
    const backwards = [
      [
        [104, 103],
        [4, -4, 3, -3],
      ],
      [
        [102, 101],
        [2, -2, 1, -1],
      ],
      [[100], [0, -0]],
    ]
    expect(columns(loader)).toEqual(backwards)
    expect([asked, gathered]).toEqual([[4], [[3], [2, 1], [0]]])
    expect(columns(loader)).toEqual(backwards)
    expect([asked, gathered.slice(3)]).toEqual([[4], [[4, 3], [2, 1], [0]]])
    gathered.length = 0
    expect(columns(new DataLoader(dataset, { batchSize: 1 }))[0]).toEqual([[100], [0, -0]])
    expect(gathered).toEqual([[1], [2], [3], [4]])
  })

  test('by the gather of a class, which knows itself', () => {
    class Own implements Dataset {
      readonly length = 2
      readonly sampleShape = [1]
      readonly values = [5, 6]
      get(i: number) {
        return [tensor([this.values[i]]), i] as const
      }
      gather(order: Int32Array, from: number, to: number, x: Float32Array, y: Int32Array) {
        for (let i = from; i < to; i++) [x[i - from], y[i - from]] = [this.values[order[i]], order[i]]
      }
    }
    for (const dataset of [new Own(), new Subset(new Own(), [0, 1])]) {
      expect(columns(new DataLoader(dataset, { batchSize: 2 }))).toEqual([
        [
          [0, 1],
          [5, 6],
        ],
      ])
    }
  })

  test('before the first batch, sampleShape asks for sample 0, once', () => {
    const { dataset, asked } = counted(3)
    const loader = new DataLoader(dataset)
    expect([loader.sampleShape, loader.sampleShape]).toEqual([[2], [2]])
    expect(asked).toEqual([0])
    const other = new DataLoader(dataset)
    const [[x]] = other
    expect([x.shape, other.sampleShape]).toEqual([[1, 2], [2]])
    expect(asked).toEqual([0, 0])
  })
})

test('a dataset may hand out the same tensors again and again', () => {
  const [x, y] = [tensor([0, 0]), tensor([0])]
  const reusing: Dataset<Tensor<'float32'>> = {
    length: 3,
    get: (i) => {
      x.data.fill(i)
      y.data.fill(i / 4)
      return [x, y]
    },
  }
  const [[xs, ys]] = new DataLoader(reusing, { batchSize: 3 })
  expect([...xs.data, ...ys.data]).toEqual([0, 0, 1, 1, 2, 2, 0, 0.25, 0.5])
  x.data.fill(9)
  expect([...xs.data.subarray(0, 2), ...ys.data.subarray(0, 1)]).toEqual([0, 0, 0])
})

describe('samples of another shape are refused, with their index', () => {
  const shapes = (...all: number[][]): Dataset => ({
    length: all.length,
    get: (i) => [zeros(all[i]), i],
  })

  test.each([
    [
      [
        [1, 2, 3],
        [1, 3, 2],
      ],
      'sample 1 has shape [1,3,2], expected [1,2,3], as sample 0',
    ],
    [[[6], [2, 3]], 'sample 1 has shape [2,3], expected [6], as sample 0'],
    [[[2], [2], [2, 1]], 'sample 2 has shape [2,1], expected [2], as sample 0'],
    [[[], [1]], 'sample 1 has shape [1], expected [], as sample 0'],
  ])('%j', (all, message) => {
    for (const batchSize of [1, 2, all.length]) {
      expect(() => [...new DataLoader(shapes(...all), { batchSize })]).toThrow(
        new RangeError(`DataLoader: ${message}`),
      )
    }
  })

  test('the first one that is read is what the others are compared with', () => {
    const subset = new Subset(shapes([2], [3], [4]), [2, 1])
    expect(() => [...new DataLoader(subset)]).toThrow('sample 1 has shape [3], expected [4], as sample 0')
    const generator = { shuffle: true, generator: new Generator(2) }
    const order = new Generator(2)
    order.random64()
    const [first, second] = order.randperm(3)
    expect(first).toBe(2)
    expect(() => [...new DataLoader(shapes([1], [2], [3]), generator)]).toThrow(
      `sample ${second} has shape [${second + 1}], expected [${first + 1}], as sample ${first}`,
    )
  })

  test('so is sample 0, where it was asked for the shape', () => {
    const loader = new DataLoader(new Subset(shapes([2], [3]), [0, 1]))
    expect(loader.sampleShape).toEqual([2])
    const asked = loader.batches(loader.start())
    asked.next()
    expect(() => asked.next()).toThrow('sample 1 has shape [3], expected [2], as sample 0')
  })

  test('so is what the dataset states', () => {
    const stated: Dataset = { ...shapes([2, 3]), sampleShape: [3, 2] }
    expect(() => [...new DataLoader(stated)]).toThrow(
      "sample 0 has shape [2,3], expected [3,2], the dataset's sampleShape",
    )
  })
})

test.each([
  ['gather', { gather: async () => {}, sampleShape: [2] }, {}],
  ['transform', {}, { transform: async () => {} }],
] as const)('an async %s is refused: it would come too late', (what, parts, options) => {
  const dataset = { ...counted(2).dataset, ...parts } as Dataset
  expect(() => [...new DataLoader(dataset, options)]).toThrow(
    new TypeError(`DataLoader: ${what} is async, it returned a promise: expected that all is done on return`),
  )
})

describe('what get returns', () => {
  const returning = (sample: unknown): Dataset => ({
    length: 3,
    get: (i) => (i === 2 ? sample : [tensor([1]), 0]) as [Tensor<'float32'>, number],
  })
  test.each([
    [
      Promise.resolve([tensor([1]), 0]),
      'get is async, it returned a promise, expected [x, y]: load the data before, and let get return what is there',
    ],
    [undefined, 'get returned undefined, expected [x, y]: a float32 tensor and a target'],
    [tensor([1]), 'get returned a Tensor, expected [x, y]: a float32 tensor and a target'],
    [[Float32Array.of(1), 0], 'x is a Float32Array, expected a Tensor; make one with tensor(values, shape)'],
    [[null, 0], 'x is null, expected a Tensor'],
    [[1, 0], 'x is 1, expected a Tensor'],
    [[{ dtype: 'float32', data: Float32Array.of(1) }, 0], 'x is an object, expected a Tensor'],
    [[{ dtype: 'float32', shape: [1] }, 0], 'x is an object, expected a Tensor'],
    [[{ shape: [1], data: Float32Array.of(1) }, 0], 'x is an object, expected a Tensor'],
    [[tensor(Float64Array.of(1)), 0], 'x is a tensor of float64, expected float32'],
    [[tensor(Uint8Array.of(1)), 0], 'x is a tensor of uint8, expected float32'],
  ])('%s is refused', (sample, message) => {
    expect(() => [...new DataLoader(returning(sample), { batchSize: 3 })]).toThrow(
      new TypeError(`DataLoader: sample 2: ${message}`),
    )
  })
})
