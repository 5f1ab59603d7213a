import { TensorDataset } from '@handgrad/data'
import { defaultGenerator, Generator, manualSeed, Tensor } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { augmentation, splitTraining } from './data.ts'

const numbered = (count: number): TensorDataset =>
  new TensorDataset(
    new Tensor<'float32'>(new Float32Array(count), [count, 1]),
    new Tensor<'int32'>(
      Int32Array.from({ length: count }, (_, i) => i),
      [count],
    ),
  )

test.each([
  [2, 1, 1],
  [3, 2, 1],
  [4, 3, 1],
  [5, 4, 1],
  [7, 5, 2],
  [9, 7, 2],
  [10, 8, 2],
  [11, 8, 3],
  [60_000, 48_000, 12_000],
])('%i images: %i to train on, %i to validate, each in one of them', (count, training, validation) => {
  manualSeed(count)
  const parts = splitTraining(numbered(count))
  expect(parts.map(({ length }) => length)).toEqual([training, validation])
  const draws = new Generator(count)
  expect(parts.flatMap(({ indices }) => [...indices])).toEqual([...draws.randperm(count)])
  expect(defaultGenerator.getState()).toEqual(draws.getState())
})

test('a shift of 0 is none; another moves the images and fills with the background', () => {
  expect(augmentation(0, -1)).toEqual({})
  const { transform } = augmentation(3, -0.5)
  manualSeed(1)
  const draws = new Generator(1)
  const x = Float32Array.of(1, 2, 3, 4)
  const [down, right] = [draws.random32(), draws.random32()].map((word) => (word % 7) - 3)
  transform!(x, [1, 2, 2])
  const at = (h: number, w: number): number =>
    h >= 0 && h < 2 && w >= 0 && w < 2 ? [1, 2, 3, 4][2 * h + w] : -0.5
  expect([...x]).toEqual([0, 1, 2, 3].map((i) => at((i >> 1) - down, (i & 1) - right)))
  expect(defaultGenerator.getState()).toEqual(draws.getState())
})
