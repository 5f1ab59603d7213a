import { expect, test } from 'vitest'
import type { EpochEvent } from './events.ts'
import { imagesLeft, Pace, timesOf } from './pace.ts'
import type { Within } from './state/run-state.ts'

test('the rest is judged by the rate of each kind of work', () => {
  const pace = new Pace({ train: 1000, evaluate: 300 })
  expect(pace.rate('train')).toBe(0)
  pace.add('train', 100, 2)
  // 900 training images at 50 a second; evaluation not yet seen: three times as fast.
  expect(pace.secondsLeft).toBeCloseTo(900 / 50 + 300 / 150, 12)
  pace.add('evaluate', 100, 0.5)
  expect(pace.secondsLeft).toBeCloseTo(900 / 50 + 200 / 200, 12)
  expect(pace.rate('train')).toBe(50)
})

test('before anything is done nothing is known', () => {
  const pace = new Pace({ train: 10, evaluate: 5 })
  expect([pace.rate('train'), pace.rate('evaluate'), pace.secondsLeft]).toEqual([0, 0, 0])
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

test('all epochs count once, as fast as each was; one that does not say counts for its seconds alone', () => {
  // 600 images in 2 and in 6 seconds are 1200 in 8.
  const history = [
    { imagesPerSecond: 300, seconds: 3 },
    { imagesPerSecond: 100, seconds: 7 },
  ] as EpochEvent[]
  expect(timesOf(history, 0.5)).toEqual({ imagesPerSecond: 150, seconds: 10.5 })
  const silent = [undefined, null, 0].map((rate) => ({ imagesPerSecond: rate, seconds: 1 })) as EpochEvent[]
  expect(timesOf([...silent, ...history], 0)).toEqual({ imagesPerSecond: 150, seconds: 13 })
  expect(timesOf(silent, 1)).toEqual({ imagesPerSecond: 0, seconds: 4 })
})

test('the images that are left: of all epochs, but for what the one that has begun has behind it', () => {
  const parts = { training: 100, validation: 20, test: 7 }
  const within = (phase: 'train' | 'validation', images: number, trained: number | null): Within =>
    ({
      phase,
      tally: { images },
      trained: trained === null ? null : { images: trained },
    }) as unknown as Within
  expect(imagesLeft(parts, 3, undefined)).toEqual({ train: 300, evaluate: 67 })
  expect(imagesLeft(parts, 3, within('train', 32, null))).toEqual({ train: 268, evaluate: 67 })
  expect(imagesLeft(parts, 3, within('validation', 8, 100))).toEqual({ train: 200, evaluate: 59 })
  expect(imagesLeft(parts, 1, within('validation', 20, 0))).toEqual({ train: 100, evaluate: 7 })
})
