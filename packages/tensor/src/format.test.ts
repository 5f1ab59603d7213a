import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ones, Tensor, tensor, zeros } from './index.ts'

describe('a tensor for a reader', () => {
  test.each([
    [tensor(3), 'Tensor float32 [] 3'],
    [tensor([1, -2.5]), 'Tensor float32 [2] [1, -2.5]'],
    [tensor(BigInt64Array.of(2n ** 60n, -1n)), 'Tensor int64 [2] [1152921504606846976, -1]'],
    [zeros([0]), 'Tensor float32 [0] []'],
    [tensor([1 / 3, 123456, 1e-7, 1e20, -0, NaN, Infinity]), 'Tensor float32 [7] [0.33333, 123460, 1e-7, 100000000000000000000, -0, NaN, Infinity]'],
    [tensor([[1, 2.5, -30], [4, 5, 6]]), 'Tensor float32 [2,3]\n[[  1, 2.5, -30],\n [  4,   5,   6]]'],
    [tensor([[[1], [2]], [[3], [4]]]), 'Tensor float32 [2,2,1]\n[[[1],\n  [2]],\n\n [[3],\n  [4]]]'],
    [zeros([2, 0]), 'Tensor float32 [2,0]\n[[],\n []]'],
  ])('%o', (x, text) => {
    expect(String(x)).toBe(text)
    expect(inspect(x)).toBe(text)
  }) // biome-ignore format: one line a case

  test('console.log of an object that has one', () => {
    expect(inspect({ x: tensor([[1], [2]]) })).toBe('{\n  x: Tensor float32 [2,1]\n  [[1],\n   [2]]\n}')
  })

  test('says that there is a gradient', () => {
    const x = tensor([1])
    x.g = ones([1])
    expect(String(x)).toBe('Tensor float32 [1] with .g [1]')
  })

  test('of more than 1,000 elements only the first and last 3 along each axis', () => {
    const row = (from: number, count: number) => Float32Array.from({ length: count }, (_, i) => from + i)
    expect(String(tensor(row(0, 1001)))).toBe('Tensor float32 [1001] [0, 1, 2, …, 998, 999, 1000]')
    expect(String(tensor(row(0, 1000)))).toContain(', 500, ')
    expect(String(new Tensor(row(0, 2100), [7, 6, 50]))).toContain(
      '\n\n …,\n\n [[1200, 1201, 1202, …, 1247, 1248, 1249],\n',
    )
    // Six are not more than both edges.
    expect(String(new Tensor(row(0, 1200), [200, 6])).split('\n')[1]).toBe(
      '[[   0,    1,    2,    3,    4,    5],',
    )
    expect(String(new Tensor(row(0, 1200), [200, 6])).split('\n')).toHaveLength(8)
  })
})
