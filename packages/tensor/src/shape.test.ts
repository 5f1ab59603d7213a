import { expect, test } from 'vitest'
import { checkShape, formatShape, numel, pair, sameShape, zeros } from './index.ts'

test('numel is the product of the extents', () => {
  expect([numel([]), numel([2, 3, 4]), numel([5, 0, 7])]).toEqual([1, 24, 0])
})

test('formatShape writes extents without spaces', () => {
  expect([formatShape([]), formatShape([64, 3, 28])]).toEqual(['[]', '[64,3,28]'])
})

test('sameShape compares extents and their order', () => {
  expect(sameShape([2, 3], [2, 3])).toBe(true)
  expect([sameShape([2, 3], [3, 2]), sameShape([2], [2, 1]), sameShape([2, 1], [2])]).toEqual([
    false,
    false,
    false,
  ])
})

test('checkShape refuses what is no extent', () => {
  checkShape([0, 3])
  for (const extent of [-1, 1.5, NaN, Infinity, 2 ** 53])
    expect(() => checkShape([2, extent])).toThrow(RangeError)
})

test('pair gives both members', () => {
  expect([pair(3), pair([1, 2])]).toEqual([
    [3, 3],
    [1, 2],
  ])
})

test('a shape may be any list of numbers, and nothing else', () => {
  checkShape(Int32Array.of(2, 3) as unknown as number[])
  const x = zeros(Int32Array.of(2, 3) as unknown as number[])
  expect([x.shape, x.reshape(Float64Array.of(3, -1) as unknown as number[]).shape]).toEqual([[2, 3], [3, 2]]) // biome-ignore format: shapes
  for (const odd of [5, '2', null, { length: 1 }, new DataView(new ArrayBuffer(1))]) {
    expect(() => checkShape(odd as never)).toThrow(
      /^checkShape\(\): shape is .*, expected a list such as \[2, 3\]/,
    )
    expect(() => checkShape(odd as never)).toThrow(TypeError)
  }
  expect(() => checkShape(5 as never)).toThrow(/such as \[2, 3\]$/)
  expect(() => checkShape({} as never)).toThrow(/; options come behind it$/)
  expect(() => checkShape(BigInt64Array.of(2n) as never)).toThrow('not a whole number')
})
