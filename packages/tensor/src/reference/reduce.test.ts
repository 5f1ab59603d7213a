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

test('axes are counted from the end too, one may stand alone, and none may be missing or twice', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])
  expect(sum(x, [-1]).toArray()).toEqual([6, 15])
  expect(sum(x, -2).toArray()).toEqual([5, 7, 9])
  expect(sum(x, 0).toArray()).toEqual([5, 7, 9])
  expect(sum(x, [0, -1]).item()).toBe(21)
  for (const [axes, words] of [
    [[2], '2'],
    [-3, '-3'],
    [[0, 0], '0,0'],
    [[1, -1], '1,-1'],
    [[0.5], '0.5'],
    [Number.NaN, 'NaN'],
  ] as const)
    expect(() => sum(x, axes)).toThrow(new RangeError(`sum: [2,3] has no axes ${words}`))
})
