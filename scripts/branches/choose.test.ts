import { expect, test } from 'vitest'
import { choose } from './choose.ts'

const drawn = new Map([
  [0, Uint8Array.of(1, 0, 0, 0)],
  [1, Uint8Array.of(1, 0, 0, 0)],
  [2, Uint8Array.of(1, 1, 1, 0)],
  [3, Uint8Array.of(1, 0, 0, 0)],
  [4, Uint8Array.of(0, 0, 0, 1)],
  [5, Uint8Array.of(1, 0, 0, 0)],
])

test('those that take the most come first, and what one alone takes is kept', () => {
  expect(choose(drawn, 2)).toEqual([2, 0])
  expect(choose(drawn, 4)).toEqual([2, 0, 1, 4])
})

test('the rest is filled up in the order of drawing, up to what was drawn', () => {
  expect(choose(drawn, 5)).toEqual([2, 0, 1, 4, 3])
  expect(choose(drawn, 9)).toEqual([2, 0, 1, 4, 3, 5])
})
