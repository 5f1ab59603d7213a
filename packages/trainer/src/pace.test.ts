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
