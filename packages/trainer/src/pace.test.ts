import { expect, test } from 'vitest'
import { Pace } from './pace.ts'

test('the rest is judged by the rate of each kind of work', () => {
  const pace = new Pace({ train: 1000, evaluate: 300 })
  expect(pace.rate('train')).toBe(0)
  pace.add('train', 100, 2)
  // 900 training images at 50 a second; evaluation not yet seen: three times as fast.
  expect(pace.secondsLeft).toBeCloseTo(900 / 50 + 300 / 150, 12)
  pace.add('evaluate', 100, 0.5)
  expect(pace.secondsLeft).toBeCloseTo(900 / 50 + 200 / 200, 12)
  expect(pace.rate('train')).toBe(50)
  expect(pace.seconds).toBe(2.5)
})

test('before anything is done nothing is known', () => {
  const pace = new Pace({ train: 10, evaluate: 5 })
  expect([pace.rate('train'), pace.rate('evaluate'), pace.seconds, pace.secondsLeft]).toEqual([0, 0, 0, 0])
  pace.add('evaluate', 5, 1)
  expect([pace.rate('train'), pace.rate('evaluate'), pace.secondsLeft]).toEqual([0, 5, 0])
})

test('each run counts down its own images', () => {
  const left = { train: 10, evaluate: 0 }
  const paces = [new Pace(left), new Pace(left)]
  for (const pace of paces) pace.add('train', 1, 1)
  expect(paces.map(({ secondsLeft }) => secondsLeft)).toEqual([9, 9])
  expect(left).toEqual({ train: 10, evaluate: 0 })
})
