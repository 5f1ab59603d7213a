import { Generator, manualSeed, Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import normalization from '../../../../fixtures/data/normalization.json' with { type: 'json' }
import splits from '../../../../fixtures/data/split.json' with { type: 'json' }
import type { Dataset } from './dataset.ts'
import { ImageDataset, normalizationTable } from './image-dataset.ts'
import { randomSplit } from './random-split.ts'
import { Subset } from './subset.ts'
import { TensorDataset } from './tensor-dataset.ts'

const numbers = (length: number): Dataset => ({ length, get: (i) => [tensor([i]), i] })

describe("torch's values", () => {
  test.each(normalization)(
    'normalisation with mean $mean and std $std, all 256 grey values',
    ({ mean, std, values }) => {
      expect([...normalizationTable(mean, std)]).toEqual(values)
    },
  )

  test.each(splits)('seed $seed: $length in $lengths', (c) => {
    const generator = manualSeed(c.seed)
    const own = c.ownSeed === null ? {} : { generator: new Generator(c.ownSeed) }
    const parts = randomSplit(numbers(c.length), c.lengths, own)
    expect(parts.map((part) => [...part.indices])).toEqual(c.parts)
    expect(String(BigInt.asUintN(63, generator.random64()))).toBe(c.next)
  })
})

test.each([
  [
    [5, 4],
    'randomSplit: lengths [5, 4], expected whole numbers that sum to its 10 samples, or fractions that sum to 1',
  ],
  [[11, -1], 'lengths [11, -1]'],
  [[5.5, 4.5], 'lengths [5.5, 4.5]'],
  [[0.5, 0.4], 'lengths [0.5, 0.4]'],
  [[1.5, -0.5], 'lengths [1.5, -0.5]'],
  [[Number.NaN], 'lengths [NaN]'],
  [[Number.NaN, 10], 'lengths [NaN, 10]'],
  [[4, 4], 'lengths [4, 4]'],
  [[8, 4], 'lengths [8, 4]'],
  [[0.5, 0.50000001], 'lengths [0.5, 0.50000001]'],
  [[], 'lengths []'],
])('randomSplit refuses %j before it draws', (lengths, message) => {
  const generator = new Generator(1)
  const before = generator.getState()
  expect(() => randomSplit(numbers(10), lengths, { generator })).toThrow(message)
  expect(generator.getState()).toEqual(before)
})

test('randomSplit takes fractions whose sum is rounded, and none of nothing', () => {
  const lengths = (...fractions: number[]) => randomSplit(numbers(10), fractions).map(({ length }) => length)
  expect(lengths(0.1, 0.2, 0.7)).toEqual([1, 2, 7])
  expect(lengths(...Array.from({ length: 10 }, () => 0.1))).toEqual(Array.from({ length: 10 }, () => 1))
  expect(lengths(0.55, 0.45)).toEqual([6, 4])
  expect(lengths(10, 0)).toEqual([10, 0])
  expect(randomSplit(numbers(0), [0, 0]).map(({ length }) => length)).toEqual([0, 0])
})

test.each([null, undefined, 5, {}])('%j is no dataset', (odd) => {
  expect(() => new Subset(odd as never, [0])).toThrow(/^Subset: dataset is .+, expected a dataset$/)
  expect(() => randomSplit(odd as never, [0.5, 0.5])).toThrow(
    /^randomSplit: dataset is .+, expected a dataset$/,
  )
})

test('parts do not share their indices', () => {
  const [first, second] = randomSplit(numbers(4), [2, 2], { generator: new Generator(1) })
  const kept = [...second.indices]
  first.indices.fill(0)
  expect([...second.indices]).toEqual(kept)
})

test('options of randomSplit that do not exist are refused', () => {
  const split = (options: unknown) => () => randomSplit(numbers(2), [1, 1], options as object)
  expect(split({ seed: 1 })).toThrow('randomSplit: there is no option seed (options: generator)')
  expect(() => randomSplit(numbers(2), 0.8 as unknown as number[])).toThrow(
    'randomSplit: lengths is 0.8, expected a list of them, as [0.8, 0.2]',
  )
  expect(split(new Generator(1))).toThrow('randomSplit: argument 3 is a Generator, expected an object')
  expect(split({ generator: 5 })).toThrow('randomSplit: generator is 5, expected a Generator')
})

describe('ImageDataset', () => {
  const images = Uint8Array.from({ length: 3 * 2 * 5 }, (_, i) => 8 * i)
  const data = new ImageDataset({
    images,
    labels: Uint8Array.of(4, 0, 9),
    height: 2,
    width: 5,
    mean: 0.5,
    std: 0.25,
  })

  test('a sample is [1,H,W], normalised, and its class', () => {
    const [x, y] = data.get(2)
    expect(x.shape).toEqual([1, 2, 5])
    expect([...x.data]).toEqual([...images.subarray(20)].map((v) => normalizationTable(0.5, 0.25)[v]))
    expect(y).toBe(9)
    expect(data.background).toBe(-2)
  })

  test('its shape cannot be written, and one of no images has it too', () => {
    expect(Object.isFrozen(data.sampleShape)).toBe(true)
    const none = new ImageDataset({
      images: new Uint8Array(0),
      labels: new Uint8Array(0),
      height: 2,
      width: 5,
      mean: 0,
      std: 1,
    })
    expect([none.length, none.sampleShape]).toEqual([0, [1, 2, 5]])
  })

  test('gather writes the batch and nothing else', () => {
    const x = new Float32Array(21).fill(Number.NaN)
    const y = new Int32Array(3).fill(-1)
    data.gather(Int32Array.of(1, 2, 0, 1), 1, 3, x, y)
    expect([...x]).toEqual([...data.get(2)[0].data, ...data.get(0)[0].data, Number.NaN])
    expect([...y]).toEqual([9, 4, -1])
  })

  test('what is refused', () => {
    const parts = { images, labels: Uint8Array.of(1, 2), height: 2, width: 5, mean: 0, std: 1 }
    expect(() => new ImageDataset(parts)).toThrow('ImageDataset: 30 bytes of images, 2 labels need [2,2,5]')
    expect(() => new ImageDataset({ ...parts, labels: Uint8Array.of(1, 2, 3), std: 0 })).toThrow('std is 0')
    const bare = { ...parts, labels: Uint8Array.of(1, 2, 3) }
    expect(() => new ImageDataset({ ...bare, std: -1 })).toThrow('std is -1, expected a number above 0')
    expect(() => new ImageDataset({ ...bare, std: Number.NaN })).toThrow('std is NaN')
    expect(() => new ImageDataset({ ...bare, height: 3 })).toThrow(
      '30 bytes of images, 3 labels need [3,3,5]',
    )
    expect(() => data.get(3)).toThrow('ImageDataset: sample 3 of 3 does not exist')
    expect(() => data.get(0.5)).toThrow('ImageDataset: sample 0.5 of 3 does not exist')
    expect(() => data.get(-1)).toThrow('ImageDataset: sample -1 of 3 does not exist')
  })
})

describe('TensorDataset and Subset', () => {
  const data = new TensorDataset(
    tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
    tensor(Uint8Array.of(7, 8, 9)),
  )

  test('a subset of a subset reaches the samples below', () => {
    const inner = new Subset(new Subset(data, [2, 0, 1]), [0, 2])
    expect(inner.get(0)).toEqual([tensor([5, 6]), 9])
    const x = new Float32Array(4)
    const y = new Int32Array(2)
    inner.gather(Int32Array.of(1, 0), 0, 2, x, y)
    expect([...x, ...y]).toEqual([3, 4, 5, 6, 8, 9])
  })

  test('samples are copies', () => {
    data.get(0)[0].data.fill(0)
    expect([...data.get(0)[0].data]).toEqual([1, 2])
  })

  test('the shape of a sample cannot be written', () => {
    expect([data.sampleShape, Object.isFrozen(data.sampleShape)]).toEqual([[2], true])
  })

  test('gather writes any part of an order, and nothing else', () => {
    const order = Int32Array.of(0, 2, 1, 0)
    const longs = new TensorDataset(data.x, tensor(BigInt64Array.of(7n, 8n, 9n)))
    for (const each of [data, longs, new Subset(new Subset(data, [1, 2, 0]), [2, 0, 1])]) {
      const x = new Float32Array(5).fill(-1)
      const y = new Int32Array(3).fill(-1)
      each.gather(order, 2, 4, x, y)
      expect([...x, ...y]).toEqual([3, 4, 1, 2, -1, 8, 7, -1])
      expect([each.get(1)[1], each.sampleShape]).toEqual([8, [2]])
    }
    expect([...order]).toEqual([0, 2, 1, 0])
  })

  test('a subset grows with its batches, and passes on only what is asked for', () => {
    const asked: number[][] = []
    const buffers: Int32Array[] = []
    const below: Dataset = {
      length: 5,
      get: (i) => [tensor([i]), i],
      gather: (order, from, to) => {
        asked.push([from, to, ...order.subarray(from, to)])
        buffers.push(order)
      },
    }
    const subset = new Subset(below, [4, 3, 2, 1, 0])
    const order = Int32Array.of(0, 1, 2, 3, 4)
    for (const [from, to] of [
      [1, 2],
      [0, 4],
      [0, 4],
      [3, 5],
    ] as const) {
      subset.gather(order, from, to, new Float32Array(to - from), new Int32Array(to - from))
    }
    expect(asked).toEqual([
      [0, 1, 3],
      [0, 4, 4, 3, 2, 1],
      [0, 4, 4, 3, 2, 1],
      [0, 2, 1, 0],
    ])
    // No new memory for batches that are not larger, which leave what they do not need as it was.
    expect([buffers[2] === buffers[1], buffers[3] === buffers[1]]).toEqual([true, true])
    expect([...buffers[3]]).toEqual([1, 0, 2, 1])
  })

  test('a subset has its own indices, and no gather where the dataset has none', () => {
    const indices = Int32Array.of(2, 0)
    const subset = new Subset(data, indices)
    indices.fill(1)
    expect([...subset.indices]).toEqual([2, 0])
    const plain = new Subset(numbers(3), [1])
    expect([plain.gather, plain.sampleShape]).toEqual([undefined, undefined])
  })

  test('what is refused', () => {
    expect(() => new Subset(data, [0, 3])).toThrow('Subset: sample 3 of 3 does not exist')
    expect(() => new Subset(data, [-1, 0])).toThrow('Subset: sample -1 of 3 does not exist')
    expect(() => new Subset(data, 2 as unknown as number[])).toThrow(
      'Subset: indices is 2, expected a list of whole numbers',
    )
    expect(() => new TensorDataset([[1]] as unknown as Tensor<'float32'>, tensor(Int32Array.of(1)))).toThrow(
      'TensorDataset: x is an array, expected a Tensor; make one with tensor(values, shape)',
    )
    expect(() => Reflect.construct(TensorDataset, [tensor([1])])).toThrow(
      'TensorDataset: y is undefined, expected a Tensor',
    )
    expect(() => new Subset(data, [0.5])).toThrow('Subset: sample 0.5 of 3 does not exist')
    expect(() => new Subset(data, [0, 1]).get(2)).toThrow('Subset: sample 2 of 2 does not exist')
    expect(() => data.get(3)).toThrow('TensorDataset: sample 3 of 3 does not exist')
    expect(() => new TensorDataset(tensor(1), tensor(Int32Array.of(1)))).toThrow(
      'TensorDataset: x is [] and y [1]',
    )
    const scalar = new Tensor<'int32'>(Int32Array.of(1), [])
    expect(() => new TensorDataset(tensor([1]), scalar)).toThrow('TensorDataset: x is [1] and y []')
    expect(() => new TensorDataset(tensor(1), scalar)).toThrow('TensorDataset: x is [] and y []')
    expect(() => new TensorDataset(tensor([1, 2]), tensor(Int32Array.of(1)))).toThrow(
      'TensorDataset: x is [2] and y [1], expected x [N,…] and y [N] or [N,…] of the same N',
    )
    const wide = new Tensor<'float64'>(new Float64Array(1), [1]) as unknown as Tensor<'float32'>
    expect(() => new TensorDataset(wide, tensor(Int32Array.of(1)))).toThrow('x is float64, expected float32')
  })
})
