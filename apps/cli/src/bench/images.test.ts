import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'
import { inTurn, mnistBatches } from './images.ts'

test('batches are the first images, normalised as MNIST is, with their classes', () => {
  // Image i has the class 7i mod 10, told by a row of 255 at 2 · class + 4.
  const folder = writeFiles(join(temporaryFolder(), 'data'), idxFiles(7))
  const batches = mnistBatches(folder, 3).slice(0, 2)
  expect(batches.map(({ y }) => [...y])).toEqual([
    [0, 7, 4],
    [1, 8, 5],
  ])
  const [dark, bright] = [(0 - 0.1307) / 0.3081, (1 - 0.1307) / 0.3081].map(Math.fround)
  for (const { x, y } of batches) {
    expect(x).toHaveLength(3 * 784)
    y.forEach((label, image) => {
      const rows = Array.from({ length: 28 }, (_, row) => x[image * 784 + row * 28 + 5])
      expect(
        rows
          .map((value, row) => (value === bright ? row : value === dark ? -1 : value))
          .filter((v) => v !== -1),
      ).toEqual([2 * label + 4])
    })
  }
})

test('elements go round for ever', () => {
  const next = inTurn(['a', 'b', 'c'])
  expect(Array.from({ length: 7 }, next)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a'])
})
