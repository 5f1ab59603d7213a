import { expect, test } from 'vitest'
import { choose } from './choose.ts'

const drawn = new Map(
  [
    [1, 0, 0, 0],
    [1, 0, 0, 0],
    [1, 1, 1, 0],
    [1, 0, 0, 0],
    [0, 0, 0, 1],
    [1, 0, 0, 0],
  ].map((taken, seed) => [seed, { taken: Uint8Array.from(taken), cost: 10 }]),
)
const withCosts = (costs: readonly number[]): typeof drawn =>
  new Map([...drawn].map(([seed, { taken }]) => [seed, { taken, cost: costs[seed] }]))

test('those that take the most come first, and what one alone takes is kept', () => {
  expect(choose(drawn, 2)).toEqual([2, 0])
  expect(choose(drawn, 4)).toEqual([2, 0, 1, 4])
})

test('the rest is filled up in the order of drawing, up to what was drawn', () => {
  expect(choose(drawn, 5)).toEqual([2, 0, 1, 4, 3])
  expect(choose(drawn, 9)).toEqual([2, 0, 1, 4, 3, 5])
})

test('of networks that add as much the cheapest come first', () => {
  expect(choose(withCosts([10, 9, 10, 8, 20, 10]), 4)).toEqual([2, 3, 1, 4])
  expect(choose(withCosts([10, 10, 40, 10, 10, 10]), 2)).toEqual([0, 1])
})

test('the rest is filled up with the cheaper three quarters in the order of drawing, and then with the cheapest', () => {
  const more = new Map(
    [50, 3, 9, 2, 40, 8, 4, 30, 35].map((cost, seed) => [seed, { taken: Uint8Array.of(0), cost }]),
  )
  expect(choose(more, 9)).toEqual([1, 2, 3, 5, 6, 7, 8, 4, 0])
})
