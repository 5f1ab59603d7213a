import { tensor } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { bestEpoch, clonesOf, isStoppedEarly } from './best.ts'
import type { EpochEvent } from './events.ts'

const history = (...losses: number[]): EpochEvent[] =>
  losses.map((validationLoss) => ({ validationLoss }) as EpochEvent)

test('the best epoch is the first with the least loss', () => {
  expect(bestEpoch([])).toBe(0)
  expect(bestEpoch(history(3))).toBe(1)
  expect(bestEpoch(history(3, 1, 2, 1))).toBe(2)
})

test('a run is over after so many epochs that were no better', () => {
  expect(isStoppedEarly(history(1, 2, 2), null)).toBe(false)
  expect(isStoppedEarly(history(1, 2, 2), 2)).toBe(true)
  expect(isStoppedEarly(history(1, 2, 2), 3)).toBe(false)
  expect(isStoppedEarly(history(1, 2, 0.5), 1)).toBe(false)
  expect(isStoppedEarly([], 1)).toBe(false)
})

test('copies share nothing', () => {
  const one = tensor([1, 2])
  const { a } = clonesOf({ a: one })
  a.data[0] = 9
  expect([...one.data]).toEqual([1, 2])
})
