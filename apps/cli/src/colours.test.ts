import { expect, onTestFinished, test, vi } from 'vitest'
import { coloured } from './colours.ts'

test('a style is written where the stream shows colours, and only there', () => {
  const before = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY')
  onTestFinished(() => {
    vi.unstubAllEnvs()
    if (before === undefined) Reflect.deleteProperty(process.stdout, 'isTTY')
    else Object.defineProperty(process.stdout, 'isTTY', before)
  })
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
    expect(coloured(process.stdout, 'red', 'no'), JSON.stringify({ isTTY, environment })).toBe(expected)
  }
})
