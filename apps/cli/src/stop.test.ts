import { expect, onTestFinished, test, vi } from 'vitest'
import { deaf, watchStop } from './stop.ts'

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
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s asks for an end with %i', (name, exitCode) => {
  const { stop, onStop, send } = watched()
  expect(stop.exitCode).toBeNull()
  send(name)
  expect(stop.exitCode).toBe(exitCode)
  expect(onStop).toHaveBeenCalledTimes(1)
  expect(stop.isUnread).toBe(false)
})

test('a reader that has gone is no reason to stop, and a signal afterwards is the first', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
  onTestFinished(() => exit.mockRestore())
  const { stop, onStop, send } = watched()
  expect(stop.isUnread).toBe(false)
  send('SIGPIPE')
  expect([stop.isUnread, stop.exitCode]).toEqual([true, null])
  expect(onStop).not.toHaveBeenCalled()
  send('SIGINT')
  expect([stop.exitCode, exit.mock.calls]).toEqual([130, []])
  expect(onStop).toHaveBeenCalledTimes(1)
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
  // All but that a reader which has gone ends the program: that was not so before, either.
  expect(added().slice(0, 3)).toEqual([0, 0, 0])
  expect(process.listeners('SIGPIPE')).toContain(deaf)
  watchStop(() => {}).dispose()
  expect(process.listeners('SIGPIPE').filter((listener) => listener === deaf)).toHaveLength(1)
  process.kill(process.pid, 'SIGPIPE')
})
