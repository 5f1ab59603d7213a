import { expect, test } from 'vitest'
import { newTimer, parseEvery } from './checkpoint-every.ts'

test.each([
  ['1', { count: 1, unit: 'steps' }],
  ['500', { count: 500, unit: 'steps' }],
  ['30s', { count: 30, unit: 'seconds' }],
  ['0.5s', { count: 0.5, unit: 'seconds' }],
])('%s', (text, every) => expect(parseEvery(text)).toEqual(every))

test.each(['', '0', '0s', '-1', '1.5', 's', '1m', '1 s', '1e3', 'x', '9'.repeat(400)])(
  '%j is none',
  (text) => {
    expect(() => parseEvery(text)).toThrow('expected a number of steps, as 500, or of seconds, as 30s')
  },
)

test('so many batches after the last time', () => {
  const timer = newTimer({ count: 3, unit: 'steps' })
  expect([timer.isDue(), timer.isDue(), timer.isDue(), timer.isDue()]).toEqual([false, false, true, true])
  timer.saved()
  expect([timer.isDue(), timer.isDue(), timer.isDue()]).toEqual([false, false, true])
})

test('so many seconds after the last time', () => {
  let now = 100
  const timer = newTimer({ count: 2, unit: 'seconds' }, () => now)
  now = 101.9
  expect(timer.isDue()).toBe(false)
  now = 102
  expect(timer.isDue()).toBe(true)
  timer.saved()
  expect(timer.isDue()).toBe(false)
  now = 104
  expect(timer.isDue()).toBe(true)
})
