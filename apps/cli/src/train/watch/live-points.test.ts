import type { ProgressEvent } from '@handgrad/trainer'
import { expect, test } from 'vitest'
import { LivePoints } from './live-points.ts'

/** An epoch's training whose batches have these losses; the event tells their mean so far, as the trainer does. */
function feed(points: LivePoints, epoch: number, losses: readonly number[], from = 1): void {
  let sum = losses.slice(0, from - 1).reduce((a, b) => a + b, 0)
  for (let batch = from; batch <= losses.length; batch++) {
    sum += losses[batch - 1]
    points.add(event(epoch, batch, losses.length, sum / batch))
  }
}

const event = (epoch: number, batch: number, batches: number, loss: number): ProgressEvent => ({
  event: 'progress',
  phase: 'train',
  epoch,
  epochs: 9,
  batch,
  batches,
  loss,
  accuracy: loss / 16,
  imagesPerSecond: 1,
  secondsLeft: 1,
})

test('each is the mean of its own eight batches, the last of an epoch of what is left', () => {
  const points = new LivePoints()
  feed(points, 2, [...Array(8).fill(4), ...Array(8).fill(2), 8, 0])
  expect(points.all.map(({ epoch }) => epoch)).toEqual([1 + 8 / 18, 1 + 16 / 18, 2])
  expect(points.all.map(({ loss }) => loss)).toEqual([4, 2, expect.closeTo(4, 9)])
  expect(points.all.map(({ accuracy }) => accuracy)).toEqual([0.25, 0.125, expect.closeTo(0.25, 9)])
})

test('an epoch begins anew, and validation tells nothing of training', () => {
  const points = new LivePoints()
  feed(points, 1, Array(8).fill(4))
  points.add({ ...event(1, 8, 8, 100), phase: 'validation' })
  feed(points, 2, Array(8).fill(2))
  expect(points.all).toEqual([
    { epoch: 1, loss: 4, accuracy: 0.25 },
    { epoch: 2, loss: 2, accuracy: 0.125 },
  ])
})

test('a run that goes on within an epoch: what it says of the part before is one stretch', () => {
  const points = new LivePoints()
  feed(points, 1, [...Array(10).fill(6), 2, 2, ...Array(8).fill(1)], 12)
  expect(points.all.map(({ loss }) => loss)).toEqual([(60 + 4) / 12, expect.closeTo(1, 9)])
})

test('of a long run neighbours are joined: their mean, at the later place', () => {
  const points = new LivePoints()
  const losses = Array.from({ length: 401 * 8 }, (_, i) => Math.floor(i / 8) % 2)
  feed(points, 1, [...losses, ...Array(16).fill(5)])
  // 401 became 201, of which the last had no neighbour; from then on a point is sixteen batches.
  expect(points.all).toHaveLength(202)
  expect(points.all[0].loss).toBeCloseTo(0.5, 9)
  expect(points.all[0].epoch).toBeCloseTo(16 / (403 * 8), 9)
  expect(points.all[200].loss).toBeCloseTo(0, 9)
  expect(points.all[201].loss).toBeCloseTo(5, 9)
})
