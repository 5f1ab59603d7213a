import { tensor } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { predictions } from './predictions.ts'

test('the first of the largest, and the first NaN before all others', () => {
  const logits = tensor([
    [1, 3, 3],
    [2, -1, 0],
    [-Infinity, -Infinity, -Infinity],
    [5, NaN, NaN],
    [NaN, 7, NaN],
    [-3, -2, -1],
  ])
  expect([...predictions(logits)]).toEqual([1, 0, 0, 1, 0, 2])
})
