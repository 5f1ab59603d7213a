import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { checkedOutput, processIo, userFolder, userPath } from './io.ts'
import { recordedIo } from './test/io.ts'

test('a stream that does not say how wide it is has 80 columns', () => {
  const before = Object.getOwnPropertyDescriptor(process.stdout, 'columns')
  onTestFinished(() => {
    if (before === undefined) Reflect.deleteProperty(process.stdout, 'columns')
    else Object.defineProperty(process.stdout, 'columns', before)
  })
  const { out } = processIo()
  for (const [columns, expected] of [
    [undefined, 80],
    [0, 80],
    [33, 33],
  ]) {
    Object.defineProperty(process.stdout, 'columns', { value: columns, configurable: true })
    expect(out.columns).toBe(expected)
  }
})

test('paths start where the user stands: where pnpm was called, or here', () => {
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('INIT_CWD', join('/home', 'ada'))
  expect([userFolder(), userPath('runs'), userPath('/etc')]).toEqual(['/home/ada', '/home/ada/runs', '/etc'])
  vi.stubEnv('INIT_CWD', undefined)
  expect(userFolder()).toBe(process.cwd())
})

test('the first failure of a stream is known; that a reader has gone is none', () => {
  const before = process.stdout.listeners('error')
  onTestFinished(() => {
    for (const listener of process.stdout.listeners('error'))
      if (!before.includes(listener)) process.stdout.off('error', listener as () => void)
  })
  const { out, err } = processIo()
  const added = process.stdout.listeners('error').filter((listener) => !before.includes(listener))
  const fail = (code: string): void => {
    for (const listener of added) listener(Object.assign(new Error(`${code}: it is so, write`), { code }))
  }
  fail('EPIPE')
  expect(out.failure).toBeUndefined()
  fail('ENOSPC')
  fail('EIO')
  expect(out.failure).toMatchObject({ code: 'ENOSPC' })
  expect(err.failure).toBeUndefined()
})

test('a command whose results could not be written has failed, and says why', () => {
  const whole = recordedIo()
  expect([0, 3].map((code) => checkedOutput(code, whole.io))).toEqual([0, 3])
  expect(whole.err.text).toBe('')
  const { io, err } = recordedIo()
  const failure = new Error('ENOSPC: no space left on device, write')
  expect([0, 3].map((code) => checkedOutput(code, { ...io, out: { ...io.out, failure } }))).toEqual([1, 3])
  const line = 'error: cannot write to stdout: no space left on device\n'
  expect(err.text).toBe(line + line)
})
