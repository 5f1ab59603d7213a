import type { Platform, WorkerThread } from './platform.ts'

/** What is used of a browser's globals. */
interface Page {
  crossOriginIsolated?: boolean
  document?: unknown
  addEventListener(type: 'message', listen: (event: { data: unknown }) => void, options: { once: true }): void
  navigator?: { hardwareConcurrency?: number }
}

interface PageWorker {
  addEventListener(type: 'error', listen: (event: { message?: string }) => void): void
  postMessage(message: object): void
  terminate(): void
}

const page = globalThis as unknown as Page

// Bundlers know a worker by these very words: `new Worker(new URL('…', import.meta.url))`.
declare const Worker: new (url: URL, options: { type: 'module' }) => PageWorker

/** Web workers, where the page is cross-origin isolated. */
export const platform: Platform = {
  canShare: page.crossOriginIsolated === true,
  canWait: page.document === undefined,
  cores: page.navigator?.hardwareConcurrency ?? 1,

  startWorker(failed): WorkerThread {
    const worker = new Worker(new URL('../engine/worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('error', (event) => failed(event.message ?? 'it failed'))
    return {
      send: (message) => worker.postMessage(message),
      stop: () => worker.terminate(),
    }
  },

  setFlag: () => false,

  receive() {
    return new Promise((resolve) => {
      page.addEventListener('message', ({ data }) => resolve(data), { once: true })
    })
  },
}
