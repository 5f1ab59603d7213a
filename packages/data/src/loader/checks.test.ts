import { runInNewContext } from 'node:vm'
import { type Generator, type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import type { Dataset } from '../datasets/dataset.ts'
import { TensorDataset } from '../datasets/tensor-dataset.ts'
import { DataLoader, type DataLoaderOptions } from './data-loader.ts'

const numbers = (length: number): Dataset => ({ length, get: (i) => [tensor([i, -i]), i] })
const dataset = numbers(3)

describe('what would be lost is refused', () => {
  const batches = (loader: DataLoader): unknown[] => [...loader]

  test('a transform that returns new values: it writes into those that it is given', () => {
    const transform = (returns: (x: Float32Array) => unknown) => (x: Float32Array) => returns(x) as void
    const added = transform((x) => x.map((value) => value + 1))
    expect(() => batches(new DataLoader(dataset, { transform: added }))).toThrow(
      "DataLoader: transform returned a Float32Array, which would be lost: write into x, the batch's values",
    )
    expect(() => batches(new DataLoader(dataset, { transform: transform((x) => [...x]) }))).toThrow(
      'would be lost',
    )
    for (const returns of [(x: Float32Array) => x.fill(7), (x: Float32Array) => void x.fill(7), () => 3]) {
      const loader = new DataLoader(dataset, { transform: transform(returns) })
      expect(batches(loader)).toHaveLength(3)
    }
  })

  test('a third value of a sample', () => {
    const three = { length: 1, get: (i: number) => [tensor([i]), i, 'z'] } as unknown as Dataset
    expect(() => batches(new DataLoader(three))).toThrow(
      'DataLoader: sample 0: get returned 3 values, expected [x, y]',
    )
  })
})

describe('a loader is refused', () => {
  const withOptions = (options: unknown) => () => new DataLoader(dataset, options as DataLoaderOptions)
  test.each<[string, () => unknown]>([
    ['DataLoader: batchSize is 0, expected a whole number above 0', withOptions({ batchSize: 0 })],
    ['DataLoader: batchSize is -1, expected', withOptions({ batchSize: -1 })],
    ['DataLoader: batchSize is 1.5, expected a whole', withOptions({ batchSize: 1.5 })],
    ["DataLoader: batchSize is '32', expected a whole", withOptions({ batchSize: '32' })],
    ['DataLoader: an empty dataset cannot be shuffled', () => new DataLoader(numbers(0), { shuffle: true })],
    [
      'DataLoader: generator is 5, expected a Generator',
      withOptions({ generator: 5 as unknown as Generator }),
    ],
    ['DataLoader: transform is 2, expected a function', withOptions({ transform: 2 })],
    [
      "DataLoader: targetDtype is 'int64', expected 'float32', or nothing",
      withOptions({ targetDtype: 'int64' }),
    ],
    [
      'DataLoader: argument 2 is 32, expected an object of options, as { batchSize: 32 }',
      () => Reflect.construct(DataLoader, [dataset, 32]),
    ],
    [
      'DataLoader: argument 2 is 32, expected an object of options, as { batchSize: 32, shuffle: true }',
      () => Reflect.construct(DataLoader, [dataset, 32, true]),
    ],
    [
      'DataLoader: argument 3 is true, expected nothing behind the options',
      () => Reflect.construct(DataLoader, [dataset, {}, true]),
    ],
    [
      'DataLoader: there is no option batch_size, did you mean batchSize? (options: batchSize, shuffle, dropLast, generator, transform, targetDtype)',
      withOptions({ batch_size: 32 }),
    ],
    ['there is no option drop_last, did you mean dropLast?', withOptions({ drop_last: true })],
    ['there is no option num_workers (options: ', withOptions({ num_workers: 2 })],
  ])('%s', (message, run) => {
    expect(run).toThrow(message)
  })

  test.each([
    undefined,
    null,
    [1, 2, 3],
    { length: 3 },
    { get: () => [] },
    { get: () => [], length: -1 },
    { get: () => [], length: 1.5 },
  ])('with the dataset %j', (odd) => {
    expect(() => new DataLoader(odd as unknown as Dataset)).toThrow(
      new TypeError('DataLoader: the dataset has no length and get(index)'),
    )
  })

  test('with a dataset whose sampleShape is no list', () => {
    const odd = { ...dataset, sampleShape: 784 as unknown as number[] }
    expect(() => new DataLoader(odd)).toThrow(
      new TypeError("DataLoader: the dataset's sampleShape is 784, expected a list of extents"),
    )
  })

  test('before it draws or reads, and every option is taken', () => {
    const all: Required<Omit<DataLoaderOptions<'float32'>, 'generator'>> = {
      batchSize: 2,
      shuffle: false,
      dropLast: true,
      transform: (x) => void x.fill(7),
      targetDtype: 'float32',
    }
    const batches = Array.from(new DataLoader(dataset, all), ([x, y]) => [...x.data, y.dtype, ...y.data])
    expect(batches).toEqual([[7, 7, 7, 7, 'float32', 0, 1]])
  })
})

test('there is no batch before the first next(), nor after the last', () => {
  const message = 'DataLoader: the epoch stands at no batch: epoch.next() moves on, and says if there is one'
  const loader = new DataLoader(dataset, { batchSize: 3 })
  const pass = loader.start()
  const none = [() => loader.take(pass), () => loader.fill(pass, new Float32Array(0), new Int32Array(0))]
  for (const run of none) expect(run).toThrow(new Error(message))
  expect(pass.next()).toBe(true)
  expect(loader.take(pass)[1].data).toHaveLength(3)
  expect(pass.next()).toBe(false)
  for (const run of none) expect(run).toThrow(new Error(message))
})

describe('fill refuses buffers that are not exactly those of the batch', () => {
  /** A loader whose first batch is to be filled; `reads` counts the samples that were asked for. */
  function atFirstBatch(known: boolean) {
    let reads = 0
    const counted: Dataset = {
      length: 3,
      get: (i) => {
        reads += 1
        return dataset.get(i)
      },
      ...(known ? { sampleShape: [2] } : {}),
    }
    const loader = new DataLoader(counted, { batchSize: 2 })
    const pass = loader.start()
    pass.next()
    return { loader, pass, reads: () => reads }
  }

  test.each([true, false])('the shape is known before: %s', (known) => {
    const { loader, pass, reads } = atFirstBatch(known)
    const fill = (x: number, y: number) => () => loader.fill(pass, new Float32Array(x), new Int32Array(y))
    const needed = 'a batch of 2 needs 4 and 2'
    expect(fill(5, 2)).toThrow(new RangeError(`DataLoader.fill: buffers of 5 and 2 elements, ${needed}`))
    expect(fill(3, 2)).toThrow(`buffers of 3 and 2 elements, ${needed}`)
    expect(reads()).toBe(known ? 0 : 4)
    expect(fill(4, 3)).toThrow(`buffers of 4 and 3 elements, ${needed}`)
    expect(fill(4, 1)).toThrow(`buffers of 4 and 1 elements, ${needed}`)
    const floats = new Float32Array(2) as unknown as Int32Array
    expect(() => loader.fill(pass, new Float32Array(4), floats)).toThrow(
      new TypeError('DataLoader.fill: y is a Float32Array, the targets are int32'),
    )
  })

  test('targets that are tensors need as many, which only the first batch tells', () => {
    const maps: Dataset<Tensor<'float32'>> = {
      length: 2,
      sampleShape: [1],
      get: (i) => [tensor([i]), tensor([i, 1, 2])],
    }
    const loader = new DataLoader(maps, { batchSize: 2 })
    const pass = loader.start()
    pass.next()
    const [x, y] = [new Float32Array(2), new Float32Array(6)]
    expect(() => loader.fill(pass, x, y.subarray(1))).toThrow(
      new RangeError('DataLoader.fill: buffers of 2 and 5 elements, a batch of 2 needs 2 and 6'),
    )
    loader.fill(pass, x, y)
    expect([...x, ...y]).toEqual([0, 1, 0, 1, 2, 1, 1, 2])
  })

  test('but takes those of another realm', () => {
    const other = runInNewContext('({ x: new Float32Array(4), y: new Int32Array(2) })') as {
      x: Float32Array
      y: Int32Array
    }
    const { loader, pass } = atFirstBatch(true)
    loader.fill(pass, other.x, other.y)
    expect([...other.x, ...other.y]).toEqual([0, -0, 1, -1, 0, 1])
    const wide = new TensorDataset(tensor([[1], [2]]), tensor(BigInt64Array.of(2n ** 32n, 1n)))
    expect(() => wide.gather(Int32Array.of(0, 1), 0, 2, new Float32Array(2), other.y)).toThrow(
      'the target of sample 0 is 4294967296, which int32 cannot hold',
    )
    const order = runInNewContext('Int32Array.of(2, 0, 1)') as Int32Array
    const resumed = loader.resume({ order, position: 1, exhausted: false })
    expect(Array.from(loader.batches(resumed), ([, y]) => [...y.data])).toEqual([[0, 1]])
  })

  test('once a batch is out, before a sample is asked for', () => {
    const { loader, pass, reads } = atFirstBatch(false)
    loader.take(pass)
    pass.next()
    expect(() => loader.fill(pass, new Float32Array(2), new Int32Array(2))).toThrow(
      'buffers of 2 and 2 elements, a batch of 1 needs 2 and 1',
    )
    expect(reads()).toBe(2)
  })
})
