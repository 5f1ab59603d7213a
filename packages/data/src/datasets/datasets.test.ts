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
])('randomSplit refuses %j before it draws', (lengths, message) => {
  const generator = new Generator(1)
  const before = generator.getState()
  expect(() => randomSplit(numbers(10), lengths, { generator })).toThrow(message)
  expect(generator.getState()).toEqual(before)
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

  test('gather writes the batch and nothing else', () => {
    const x = new Float32Array(20).fill(Number.NaN)
    const y = new Int32Array(2).fill(-1)
    data.gather(Int32Array.of(1, 2, 0, 1), 1, 3, x, y)
    expect([...x]).toEqual([...data.get(2)[0].data, ...data.get(0)[0].data])
    expect([...y]).toEqual([9, 4])
  })

  test('what is refused', () => {
    const parts = { images, labels: Uint8Array.of(1, 2), height: 2, width: 5, mean: 0, std: 1 }
    expect(() => new ImageDataset(parts)).toThrow('ImageDataset: 30 bytes of images, 2 labels need [2,2,5]')
    expect(() => new ImageDataset({ ...parts, labels: Uint8Array.of(1, 2, 3), std: 0 })).toThrow('std is 0')
    expect(() => data.get(3)).toThrow('ImageDataset: sample 3 of 3 does not exist')
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

  test('what is refused', () => {
    expect(() => new Subset(data, [0, 3])).toThrow('Subset: sample 3 of 3 does not exist')
    expect(() => new TensorDataset(tensor([1, 2]), tensor(Int32Array.of(1)))).toThrow(
      'TensorDataset: x is [2] and y [1], expected x [N,…] and y [N] or [N,…] of the same N',
    )
    const wide = new Tensor<'float64'>(new Float64Array(1), [1]) as unknown as Tensor<'float32'>
    expect(() => new TensorDataset(wide, tensor(Int32Array.of(1)))).toThrow('x is float64, expected float32')
  })
})
