import { type Tensor, tensor } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { history } from './history.ts'

const values: Record<string, Tensor> = {
  'param.w': tensor([1, 2]),
  'param.b': tensor([[3]]),
  'grad.w.1': tensor([10, 20]),
  'grad.w.2': tensor([11, 21]),
  'grad.w.3': tensor([12, 22]),
  'grad.b.2': tensor([[31]]),
  'grad.b.3': tensor([[32]]),
  'w.1': tensor([1.5, 2.5]),
  'w.2': tensor([1.25, 2.25]),
  'w.3': tensor([1.125, 2.125]),
  'b.1': tensor([[3]]),
  'b.2': tensor([[3.5]]),
  'b.3': tensor([[3.25]]),
}
const rows = ({ data, shape: [, T] }: Tensor): number[][] =>
  Array.from({ length: data.length / T }, (_, k) => Array.from(data.slice(k * T, (k + 1) * T)))
const params = { w: { shape: [2] }, b: { shape: [1, 1] } }

test('all parameters lie in one row, before each step and after the last', () => {
  const { K, T, skips, p, s, g, a, f, golden } = history(
    { name: 'x', params, steps: 3, without: { b: [1] } },
    values,
  )
  expect({ K, T, skips }).toEqual({ K: 3, T: 3, skips: 1 })
  expect(rows(p)).toEqual([
    [1, 2, 3],
    [1.5, 2.5, 3],
    [1.25, 2.25, 3.5],
    [1.125, 2.125, 3.25],
  ])
  expect([s.shape, [...s.data]]).toEqual([[3], [1, 2, 3]])
  expect(rows(g)).toEqual([
    [10, 20, 0],
    [11, 21, 31],
    [12, 22, 32],
  ])
  expect(rows(a)).toEqual([
    [1, 1, 0],
    [1, 1, 1],
    [1, 1, 1],
  ])
  expect(rows(f)).toEqual([
    [1, 1, 0],
    [0, 0, 1],
    [0, 0, 0],
  ])
  for (const tensorOf of [p, g, a, f]) expect(tensorOf.dtype).toBe('float64')
  expect(golden).toEqual({
    'w.1': { symbol: 'p', from: 3 },
    'w.2': { symbol: 'p', from: 6 },
    'w.3': { symbol: 'p', from: 9 },
    'b.1': { symbol: 'p', from: 5 },
    'b.2': { symbol: 'p', from: 8 },
    'b.3': { symbol: 'p', from: 11 },
  })
  for (const [name, { from }] of Object.entries(golden)) expect(p.data[from]).toBe(values[name].data[0])
})

test('none is skipped where none is without a gradient', () => {
  const { skips } = history({ name: 'x', params: { w: { shape: [2] } }, steps: 1 }, values)
  expect(skips).toBe(0)
  expect(history({ name: 'x', params: { w: { shape: [2] } }, steps: 1, without: {} }, values).skips).toBe(0)
})
