import { expect, test } from 'vitest'
import { count, duration, lossText, percent } from './format.ts'

test('numbers as the tables show them', () => {
  expect([percent(0.98714), percent(1), percent(0)]).toEqual(['98.71 %', '100.00 %', '0.00 %'])
  expect([count(4812.3), count(1_234_567.5), count(7)]).toEqual(['4,812', '1,234,568', '7'])
  expect([lossText(0.04012), lossText(12.34567), lossText(0.00005)]).toEqual(['0.0401', '12.3457', '0.0001'])
})

test.each([
  [0, '0:00'],
  [-3, '0:00'],
  [7.4, '0:07'],
  [59.5, '1:00'],
  [83.2, '1:23'],
  [600, '10:00'],
  [3599.4, '59:59'],
  [3600, '1:00:00'],
  [3661, '1:01:01'],
  [36_754, '10:12:34'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})
