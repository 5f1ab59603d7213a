import type { Receive } from './platform.ts'

type Listen = (type: string, listen: (event: { data: unknown }) => void, options: { once: true }) => void

const scope = globalThis as unknown as { addEventListener: Listen }

/** From the page. What `start` throws is an error of the worker, which the page hears: of a promise it would not. */
export const receive: Receive = (start) => {
  scope.addEventListener('message', ({ data }) => start(data), { once: true })
  const unreadable = (): void => {
    throw new Error('it could not read what it starts from')
  }
  scope.addEventListener('messageerror', unreadable, { once: true })
}
