import { describe, expect, it } from 'vitest'
import { RECENT, Recent } from '../src/workers/recent.ts'

describe('the mean of the last batches', () => {
  it('goes on over the end of an epoch, where the means begin anew', () => {
    const recent = new Recent()
    // Losses 4, 2 and, with half as many images, 1 in the first epoch; 0.5 in the second.
    expect(recent.add({ loss: 4, accuracy: 0 }, 10).loss).toBeCloseTo(4, 12)
    expect(recent.add({ loss: 3, accuracy: 0.5 }, 20).loss).toBeCloseTo(3, 12)
    expect(recent.add({ loss: 65 / 25, accuracy: 0.5 }, 25).loss).toBeCloseTo(65 / 25, 12)
    const next = recent.add({ loss: 0.5, accuracy: 1 }, 10)
    expect(next.loss).toBeCloseTo((40 + 20 + 5 + 5) / 35, 12)
    expect(next.accuracy).toBeCloseTo((0 + 10 + 2.5 + 10) / 35, 12)
  })

  it('forgets what is longer ago', () => {
    const recent = new Recent()
    recent.add({ loss: 1000, accuracy: 0 }, 1)
    let last = { loss: 0, accuracy: 0 }
    for (let i = 2; i <= RECENT + 1; i++)
      last = recent.add({ loss: (1000 + (i - 1) * 2) / i, accuracy: 0 }, i)
    expect(last.loss).toBeCloseTo(2, 9)
  })
})
