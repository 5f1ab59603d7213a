import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { processIo, userFolder, userPath } from './io.ts'

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
