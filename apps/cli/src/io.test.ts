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

test('a style is written where the stream shows colours, and only there', () => {
  const before = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY')
  onTestFinished(() => {
    vi.unstubAllEnvs()
    if (before === undefined) Reflect.deleteProperty(process.stdout, 'isTTY')
    else Object.defineProperty(process.stdout, 'isTTY', before)
  })
  const { out } = processIo()
  for (const [isTTY, environment, expected] of [
    [true, { TERM: 'xterm-256color' }, '\u001B[31mno\u001B[39m'],
    [true, { TERM: 'dumb' }, 'no'],
    [true, { TERM: 'xterm-256color', NO_COLOR: '1' }, 'no'],
    [false, { TERM: 'xterm-256color' }, 'no'],
    [false, { TERM: 'dumb', FORCE_COLOR: '1' }, '\u001B[31mno\u001B[39m'],
    [true, { TERM: 'xterm-256color', FORCE_COLOR: '0' }, 'no'],
  ] as const) {
    Object.defineProperty(process.stdout, 'isTTY', { value: isTTY, configurable: true })
    const clean = { NO_COLOR: undefined, FORCE_COLOR: undefined, COLORTERM: undefined, CI: undefined }
    for (const [name, value] of Object.entries({ ...clean, NODE_DISABLE_COLORS: undefined, TMUX: undefined }))
      vi.stubEnv(name, value)
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
    expect(out.style('red', 'no'), JSON.stringify({ isTTY, environment })).toBe(expected)
  }
})
