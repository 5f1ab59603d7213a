import { describe, expect, test } from 'vitest'
import cases from '../../../../fixtures/tensor/cases.json' with { type: 'json' }
import { golden } from '../../test/golden.ts'
import { full, matmul, tensor, transposed, zeros } from '../index.ts'

describe('matmul', () => {
  test.each(cases.matmul.map((each, i) => [i, each.transposed] as const))('as torch, case %i', (i, flips) => {
    const [a, b] = [golden(`matmul/${i}/a`), golden(`matmul/${i}/b`)]
    const product = matmul(flips[0] ? transposed(a) : a, flips[1] ? transposed(b) : b)
    expect(product).toEqual(golden(`matmul/${i}/c`))
  })

  test('sums in double and rounds once', () => {
    for (const columns of [1, 4]) {
      const a = tensor([1e8, 1, -1e8, 2 ** -20], [1, 4])
      const b = tensor(
        Array.from({ length: 4 * columns }, () => 1),
        [4, columns],
      )
      expect([...matmul(a, b).data]).toEqual(Array.from({ length: columns }, () => 1 + 2 ** -20))
    }
  })

  test('float64 keeps all its bits', () => {
    const thirds = tensor(Float64Array.of(1 / 3, 1 / 7), [1, 2])
    const b = tensor(Float64Array.of(3, 1 / 3, 7, 1 / 7), [2, 2])
    expect([...matmul(thirds, b).data]).toEqual([2, (1 / 3) * (1 / 3) + (1 / 7) * (1 / 7)])
  })

  test('NaN and infinity spread to their row alone', () => {
    const a = tensor([
      [NaN, 1],
      [Infinity, 1],
      [2, 1],
    ])
    expect(matmul(a, tensor([[1], [0]])).toArray()).toEqual([[NaN], [Infinity], [2]])
  })

  test('what does not fit is named', () => {
    expect(() => matmul(zeros([2, 3]), zeros([2, 3]))).toThrow('float32 [2,3] @ float32 [2,3]')
    expect(() => matmul(zeros([2, 3]), zeros([3, 2], { dtype: 'float64' }))).toThrow('dtypes must agree')
    expect(() => matmul(zeros([3]), zeros([3, 2]))).toThrow('[3] is not a matrix')
    expect(() => matmul(zeros([2, 2, 3]), zeros([3, 3, 2]))).toThrow('stacks of [2] and [3] matrices')
  })
})

test('a long sum is kept in double over all of its parts, and rounded once', () => {
  const [row, ones] = [zeros([1, 1200]), full([1200, 1], 1)]
  // In float32 2²⁴ + 1 is 2²⁴.
  row.data[0] = 2 ** 24
  for (const k of [600, 1199]) row.data[k] = 1
  expect(matmul(row, ones).item()).toBe(2 ** 24 + 2)
  expect(matmul(transposed(ones), transposed(row)).item()).toBe(2 ** 24 + 2)
  expect([512, 513].map((K) => matmul(full([1, K], 1), full([K, 1], 1)).dtype)).toEqual([
    'float32',
    'float32',
  ])
  // In float64 nothing is rounded.
  row.data[0] = 2 ** 24 + 0.1
  const double = tensor(
    Float64Array.from(row.data, (value, k) => (k === 0 ? 0.1 : value)),
    [1, 1200],
  )
  expect(matmul(double, full([1200, 1], 1, { dtype: 'float64' })).item()).toBe(0.1 + 2)
})
