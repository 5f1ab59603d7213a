import { backends, manualSeed, randn, useBackend } from '@handgrad/tensor'
import { afterEach, expect, test } from 'vitest'
import { Conv2d, Sequential } from '../index.ts'
import { MaxPool2d } from './max-pool2d.ts'

afterEach(() => useBackend('reference'))

test('what is no batch is one image', () => {
  const pool = new MaxPool2d(2)
  expect(pool.kernelShape([3, 4, 5])).toEqual({ N: 1, C: 3, H: 4, W: 5, rank: 4 })
  expect(pool.kernelShape([2, 3, 4, 5])).toEqual({ N: 2, C: 3, H: 4, W: 5, rank: 4 })
})

test.each([
  [3, 5, 8],
  [20, 7, 4],
  [72, 4, 9],
])('between convolutions, %i channels of %i × %i: the numbers of reference', (C, H, W) => {
  const [expected, ...came] = backends().map((backend) => {
    useBackend(backend)
    manualSeed(2)
    const net = new Sequential(
      new Conv2d(2, C, 1),
      new MaxPool2d(3, { stride: [1, 2], padding: 1 }),
      new Conv2d(C, 2, 1),
    )
    const x = randn([3, 2, H, W])
    const y = net.forward(x)
    y.g = randn(y.shape)
    net.backward()
    return [y, x.g!, ...net.parameters().map(({ g }) => g!)].map(({ data }) => [...data])
  })
  for (const rows of came)
    for (const [row, values] of rows.entries())
      for (const [i, value] of values.entries())
        expect(Math.abs(value - expected[row][i]), `${row} ${i}`).toBeLessThan(1e-3)
})
