import { expect, test } from 'vitest'
import { epochEvent } from './epoch-event.ts'
import { Tally } from './tally.ts'

const tallyOf = (loss: number, correct: number, images: number, seconds: number): Tally => {
  const tally = new Tally()
  tally.add(loss, correct, images, seconds)
  return tally
}

test('each number from its own part; what stands still only where something does', () => {
  const place = { epoch: 2, epochs: 5, lr: 0.25 }
  const [trained, validated] = [tallyOf(3, 6, 8, 2), tallyOf(5, 1, 4, 0.5)]
  const event = {
    event: 'epoch',
    ...place,
    trainLoss: 3,
    trainAccuracy: 0.75,
    validationLoss: 5,
    validationAccuracy: 0.25,
    seconds: 2.5,
    imagesPerSecond: 4,
  }
  expect(epochEvent(place, trained, validated, { zeroGradient: [], unmoved: [] })).toEqual(event)
  expect(epochEvent(place, trained, validated, { zeroGradient: ['a'], unmoved: ['b'] })).toEqual({
    ...event,
    zeroGradient: ['a'],
    unmoved: ['b'],
  })
  expect(
    Object.keys(epochEvent(place, trained, validated, { zeroGradient: [], unmoved: ['b'] })),
  ).not.toContain('zeroGradient')
})
