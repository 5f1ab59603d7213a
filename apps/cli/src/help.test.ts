import { Argument, Option } from 'commander'
import { expect, test } from 'vitest'
import { described } from './help.ts'

test('what it is, what it can be, and what it is unless told', () => {
  const of = (make: (option: Option) => Option, flags = '--size <n>'): string =>
    described(make(new Option(flags, 'how large')))
  expect(of((option) => option)).toBe('how large')
  expect(of((option) => option.choices(['s', 'm']))).toBe('how large (s, m)')
  expect(of((option) => option.default(3))).toBe('how large (default: 3)')
  expect(of((option) => option.default(undefined, 'all'))).toBe('how large (default: all)')
  expect(of((option) => option.default(0, 'none'))).toBe('how large (default: none)')
  expect(of((option) => option.choices(['s', 'm']).default('s'))).toBe('how large (s, m; default: s)')
  expect(of((option) => option.default(false), '--large')).toBe('how large')
  expect(described(new Argument('<a>', 'which one').choices(['x', 'y']))).toBe('which one (x, y)')
})
