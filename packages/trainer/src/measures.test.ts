import { tensor } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { Confusion } from './confusion.ts'
import { predictions } from './predictions.ts'
import { Tally } from './tally.ts'

test('predictions are the first largest logit of each row', () => {
  const logits = tensor([
    [0, 3, 1],
    [2, -1, 2],
    [-5, -4, -3],
  ])
  expect([...predictions(logits)]).toEqual([1, 0, 2])
})

test('a tally weighs each batch by its images', () => {
  const tally = new Tally()
  tally.add(1, 3, 4, 0.5)
  tally.add(4, 0, 2, 0.25)
  expect(tally.loss).toBe((1 * 4 + 4 * 2) / 6)
  expect(tally.accuracy).toBe(3 / 6)
  expect(tally.imagesPerSecond).toBe(6 / 0.75)
  expect(tally.batches).toBe(2)
})

test('a confusion matrix has a row per true class', () => {
  const confusion = new Confusion(3)
  confusion.add([0, 1, 1, 2], [0, 2, 2, 1])
  confusion.add([1], [1])
  expect([...confusion.counts]).toEqual([1, 0, 0, 0, 1, 2, 0, 1, 0])
  expect(confusion.at(1, 2)).toBe(2)
  expect(confusion.at(2, 1)).toBe(1)
})

test.each([
  [[0, 3], [0, 0], 'Confusion.add: class 3 of image 1 is out of range, expected 0 to 2'],
  [[0, -1], [0, 0], 'Confusion.add: class -1 of image 1 is out of range, expected 0 to 2'],
  [[0, 1], [3, 0], 'Confusion.add: prediction 3 of image 0 is out of range, expected 0 to 2'],
  [[0, 1], [0, -1], 'Confusion.add: prediction -1 of image 1 is out of range, expected 0 to 2'],
  [[0, 1], [0, 0.5], 'Confusion.add: prediction 0.5 of image 1 is out of range, expected 0 to 2'],
  [[0, 1], [0], 'Confusion.add: 1 predictions for 2 images'],
])('%j taken for %j is refused before anything is counted', (truth, predicted, message) => {
  const confusion = new Confusion(3)
  expect(() => confusion.add(truth, predicted)).toThrow(new RangeError(message))
  expect([...confusion.counts]).toEqual(Array.from({ length: 9 }, () => 0))
})

test.each<[unknown, unknown, string]>([
  [tensor(Int32Array.of(0, 1)), [0, 1], 'truth is a Tensor'],
  [[0, 1], tensor(Int32Array.of(0, 1)), 'predicted is a Tensor'],
  [0, [0], 'truth is 0'],
  [[0], new Set([0]), 'predicted is a Set'],
  [undefined, undefined, 'truth is undefined'],
  [null, [0], 'truth is null'],
])('%o taken for %o is no list, and is refused', (truth, predicted, message) => {
  const confusion = new Confusion(3)
  expect(() => confusion.add(truth as number[], predicted as number[])).toThrow(
    new TypeError(`Confusion.add: ${message}, expected a list of classes`),
  )
})

test('a confusion matrix is asked for its own classes only', () => {
  expect(() => new Confusion(3).at(0, 3)).toThrow(
    'Confusion.at: prediction 3 is out of range, expected 0 to 2',
  )
  expect(() => new Confusion(3).at(3, 0)).toThrow('Confusion.at: class 3 is out of range, expected 0 to 2')
  expect(() => new Confusion(0)).toThrow('Confusion: classes is 0, expected a whole number ≥ 1')
  expect(() => new Confusion(1.5)).toThrow('Confusion: classes is 1.5, expected a whole number ≥ 1')
  expect([...new Confusion(1).counts]).toEqual([0])
})
