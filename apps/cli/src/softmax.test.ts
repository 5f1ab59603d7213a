import { expect, test } from 'vitest'
import { softmax } from './softmax.ts'

test('gives each logit its share of the powers of e', () => {
  expect(softmax([Math.log(1), Math.log(2), Math.log(5)]).map((p) => 8 * p)).toEqual([
    expect.closeTo(1, 12),
    expect.closeTo(2, 12),
    expect.closeTo(5, 12),
  ])
  expect(softmax(Float32Array.of(3, 3))).toEqual([0.5, 0.5])
})

test('does not overflow', () => {
  expect(softmax([1000, 1000, -1000])).toEqual([0.5, 0.5, 0])
  expect(softmax([-1000, -1000])).toEqual([0.5, 0.5])
})
