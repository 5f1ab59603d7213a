import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { afterEach, expect, test, vi } from 'vitest'
import type { Receive } from './platform.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.doUnmock('node:worker_threads')
  vi.resetModules()
})

test('in a browser: the first message that comes, once; what cannot be read is an error of the worker', async () => {
  const listen = vi.fn<(type: string, hear: (event: { data: unknown }) => void, options: object) => void>()
  vi.stubGlobal('addEventListener', listen)
  const { receive } = await import('./receive-browser.ts')
  const start = vi.fn<(message: unknown) => void>()
  receive(start)
  const [[type, hear, options], [odd, fail, sameOptions]] = listen.mock.calls
  expect([type, options, odd, sameOptions]).toEqual([
    'message',
    { once: true },
    'messageerror',
    { once: true },
  ])
  hear({ data: { thread: 3 } })
  expect(start.mock.calls).toEqual([[{ thread: 3 }]])
  expect(() => fail({ data: null })).toThrow('it could not read what it starts from')
  // Thrown in the listener, where the page hears of it, and not in a promise.
  start.mockImplementation(() => {
    throw new Error('no memory')
  })
  expect(() => hear({ data: {} })).toThrow('no memory')
})

test('in node: the first message that comes, once', async () => {
  const { port1, port2 } = new MessageChannel()
  vi.doMock('node:worker_threads', () => ({ parentPort: port2 satisfies MessagePort }))
  const { receive } = (await import('./receive-node.ts')) as { receive: Receive }
  const start = vi.fn<(message: unknown) => void>()
  receive(start)
  port1.postMessage({ thread: 3 })
  port1.postMessage({ thread: 4 })
  await vi.waitUntil(() => start.mock.calls.length > 0)
  await new Promise((resolve) => setImmediate(resolve))
  port1.close()
  expect(start.mock.calls).toEqual([[{ thread: 3 }]])
})
