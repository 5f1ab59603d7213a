import { expect, test } from 'vitest'
import { currentPools, currentThreads } from './in-force.ts'
import { withThreads } from './threads.ts'

test('one thread and no pools until somebody asks for threads', () => {
  expect([currentThreads(), currentPools()]).toEqual([1, null])
  withThreads(2, () => {
    expect(currentThreads()).toBe(2)
    expect(currentPools()).toEqual({
      poolFor: expect.any(Function),
      forgetJobs: expect.any(Function),
      endPool: expect.any(Function),
    })
  })
  expect(currentThreads()).toBe(1)
})
