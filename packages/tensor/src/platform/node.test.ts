import { availableParallelism } from 'node:os'
import { cachedDataVersionTag } from 'node:v8'
import { expect, test, vi } from 'vitest'
import { version } from '../version.ts'
import { platform } from './node.ts'

test('node has shared memory, threads that may sleep, and as many cores as it says', () => {
  const { canShare, canWait, cores } = platform
  expect({ canShare, canWait, cores }).toEqual({
    canShare: true,
    canWait: true,
    cores: availableParallelism(),
  })
})

test('a flag that changes something says so, one that does not says that', () => {
  const before = cachedDataVersionTag()
  expect(platform.setFlag('--no-liftoff')).toBe(true)
  expect(cachedDataVersionTag()).not.toBe(before)
  expect(platform.setFlag('--no-liftoff'), 'it is set already').toBe(false)
  expect(platform.setFlag('--liftoff')).toBe(true)
  expect(cachedDataVersionTag()).toBe(before)
})

test('a worker that fails says why, and then that it ended', async () => {
  const reasons: string[] = []
  const worker = platform.startWorker((reason) => void reasons.push(reason))
  worker.send({ version, memory: null, modules: {}, control: 0, thread: 1 })
  await vi.waitUntil(() => reasons.length === 2, 20_000)
  expect(reasons[0]).toMatch(/^Cannot read properties of null/)
  expect(reasons[1]).toBe('it ended with code 1')
})

test('a worker that is stopped ends', async () => {
  const reasons: string[] = []
  platform.startWorker((reason) => void reasons.push(reason)).stop()
  await vi.waitUntil(() => reasons.length > 0, 20_000)
  expect(reasons).toEqual([expect.stringMatching(/^it ended with code [01]$/)])
})
