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
})
