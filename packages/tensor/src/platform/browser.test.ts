import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Platform } from './platform.ts'

afterEach(() => vi.unstubAllGlobals())

/** The platform as a page or a worker with these globals has it. */
async function platformOf(globals: Readonly<Record<string, unknown>>): Promise<Platform> {
  vi.resetModules()
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
  return (await import('./browser.ts')).platform
}

describe('what a browser can do', () => {
  const is = ({ canShare, canWait, cores }: Platform) => ({ canShare, canWait, cores })

  test('an isolated page shares memory and may not sleep', async () => {
    const page = { crossOriginIsolated: true, document: {}, navigator: { hardwareConcurrency: 6 } }
    expect(is(await platformOf(page))).toEqual({ canShare: true, canWait: false, cores: 6 })
  })

  test('another page shares none', async () => {
    for (const crossOriginIsolated of [false, undefined]) {
      const page = { crossOriginIsolated, document: {}, navigator: { hardwareConcurrency: 6 } }
      expect(is(await platformOf(page))).toEqual({ canShare: false, canWait: false, cores: 6 })
    }
  })

  test('a worker may sleep; who does not say has one core', async () => {
    for (const navigator of [undefined, {}]) {
      const worker = { crossOriginIsolated: true, document: undefined, navigator }
      expect(is(await platformOf(worker))).toEqual({ canShare: true, canWait: true, cores: 1 })
    }
  })

  test('no flag can be set', async () => {
    expect((await platformOf({})).setFlag('--no-liftoff')).toBe(false)
  })
})

test('a worker is started from its module, told, heard and ended', async () => {
  const calls: unknown[] = []
  const heard: Record<string, (event: { message?: string }) => void> = {}
  class Worker {
    constructor(url: URL, options: object) {
      calls.push(['new', url.pathname.replace(/^.*(?=\/engine\/)/, ''), options])
    }
    addEventListener(type: string, listen: (event: { message?: string }) => void): void {
      heard[type] = listen
    }
    postMessage(message: object): void {
      calls.push(['postMessage', message])
    }
    terminate(): void {
      calls.push(['terminate'])
    }
  }
  const platform = await platformOf({ Worker })
  const failed = vi.fn<(reason: string) => void>()
  const worker = platform.startWorker(failed)
  worker.send({ thread: 1 })
  worker.stop()
  expect(calls).toEqual([
    ['new', '/engine/worker.ts', { type: 'module' }],
    ['postMessage', { thread: 1 }],
    ['terminate'],
  ])
  expect(failed).not.toHaveBeenCalled()
  heard['error']({ message: 'out of memory' })
  heard['error']({ message: '' })
  heard['error']({})
  const unloaded = ['its module did not load']
  expect(failed.mock.calls).toEqual([['out of memory'], unloaded, unloaded])
})
