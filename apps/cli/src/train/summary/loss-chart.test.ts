import type { EpochEvent } from '@handgrad/trainer'
import { expect, test } from 'vitest'
import { lossChart } from './loss-chart.ts'

const history = (...losses: [train: number, validation: number][]): EpochEvent[] =>
  losses.map(([trainLoss, validationLoss], i) => ({
    event: 'epoch',
    epoch: i + 1,
    epochs: losses.length,
    lr: 0.1,
    trainLoss,
    trainAccuracy: 0,
    validationLoss,
    validationAccuracy: 0,
    seconds: 1,
    imagesPerSecond: 1,
  }))

// Fifteen columns, of which the curves are straight between 0, 7 and 14; eight rows from 8 down to 1.
const three = history([8, 4.5], [1, 4.5], [1, 8])

test('both losses by epoch, straight between two', () => {
  expect(lossChart(three, 23, true)).toEqual([
    'loss: * training  o validation  @ both',
    ' 8.000 |*             o',
    '       | *          oo',
    '       |  *       oo',
    '       |   *    oo',
    '       |oooo@ooo',
    '       |     *',
    '       |      *',
    ' 1.000 |       ********',
    '       +---------------',
    ' epoch  1             3',
  ])
})

test('drawn with more than ASCII where it can be shown', () => {
  const lines = lossChart(three, 23, false)
  expect(lines[0]).toBe('loss: • training  ○ validation  ● both')
  expect(lines[1]).toBe(' 8.000 │•             ○')
  expect(lines[5]).toBe('       │○○○○●○○○')
  expect(lines[9]).toBe(`       └${'─'.repeat(15)}`)
})

test('no wider than the terminal, or 60 columns', () => {
  const widest = (columns: number): number =>
    Math.max(
      ...lossChart(three, columns, true)
        .slice(1)
        .map((line) => line.length),
    )
  expect(widest(40)).toBe(40)
  expect(widest(68)).toBe(68)
  expect(widest(69)).toBe(68)
  expect(lossChart(three, 18, true)).toHaveLength(11)
  expect(lossChart(three, 17, true)).toEqual([])
})

test('one epoch is no curve; two are; losses that stay are a line at the top', () => {
  expect(lossChart(history([1, 2]), 40, true)).toEqual([])
  const [, first, ...others] = lossChart(history([2, 2], [2, 2]), 18, true)
  expect(first).toBe(' 2.000 |@@@@@@@@@@')
  expect(others).toEqual([
    ...new Array(6).fill('       |'),
    ' 2.000 |',
    '       +----------',
    ' epoch  1        2',
  ])
})
