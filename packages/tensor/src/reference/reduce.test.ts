import { expect, test } from 'vitest'
import cases from '../../../../fixtures/tensor/cases.json' with { type: 'json' }
import { golden } from '../../test/golden.ts'
import { sum, tensor, zeros } from '../index.ts'

test.each(cases.sum.map((axes, i) => [axes, i] as const))('the sum over %j as torch', (axes, i) => {
  expect(sum(golden('sum/x'), axes)).toEqual(golden(`sum/${i}`))
})

test('kept in double and rounded once', () => {
  expect(sum(tensor([1e8, 1, -1e8]), [0]).item()).toBe(1)
  expect(sum(tensor([[1e8], [1], [-1e8]]), [0]).toArray()).toEqual([1])
})

test('nothing sums to 0, and a scalar to itself', () => {
  expect(sum(zeros([0, 3]), [0]).toArray()).toEqual([0, 0, 0])
  expect(sum(zeros([3, 0]), [0]).shape).toEqual([0])
  expect(sum(tensor(5), []).item()).toBe(5)
})
