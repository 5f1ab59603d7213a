import { expect, onTestFinished, test, vi } from 'vitest'
import { watchStop } from './stop.ts'

/** The listeners that `watchStop` adds, called as the signals would. */
function watched() {
  const before = new Map(
    (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const).map((name) => [name, process.listeners(name)]),
  )
  const onStop = vi.fn<() => void>()
  const stop = watchStop(onStop)
  onTestFinished(() => stop.dispose())
  const send = (name: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE'): void => {
    for (const listener of process.listeners(name)) if (!before.get(name)!.includes(listener)) listener(name)
  }
  const added = (): number[] => [...before].map(([name, old]) => process.listeners(name).length - old.length)
  return { stop, onStop, send, added }
}

test.each([
  ['SIGINT', 130, 1],
  ['SIGTERM', 143, 1],
  ['SIGHUP', 129, 1],
  // The reader of a pipe has gone: there is no one to tell.
  ['SIGPIPE', 141, 0],
] as const)('%s asks for an end with %i', (name, exitCode, told) => {
  const { stop, onStop, send } = watched()
  expect(stop.exitCode).toBeNull()
  send(name)
  expect(stop.exitCode).toBe(exitCode)
  expect(onStop).toHaveBeenCalledTimes(told)
})

test('the first signal counts; a second Ctrl-C quits at once, another signal does not', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
  onTestFinished(() => exit.mockRestore())
  const { stop, onStop, send } = watched()
  send('SIGTERM')
  send('SIGTERM')
  send('SIGPIPE')
  expect(exit).not.toHaveBeenCalled()
  expect(stop.exitCode).toBe(143)
  send('SIGINT')
  expect(exit).toHaveBeenCalledExactlyOnceWith(130)
  expect(stop.exitCode).toBe(143)
  expect(onStop).toHaveBeenCalledTimes(1)
})

test('when it is over the signals have their usual effect again', () => {
  const { stop, added } = watched()
  expect(added()).toEqual([1, 1, 1, 1])
  stop.dispose()
  expect(added()).toEqual([0, 0, 0, 0])
})
