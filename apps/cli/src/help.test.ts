import { Argument, Help, Option } from 'commander'
import { expect, test } from 'vitest'
import { described, formatItem } from './help.ts'

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

test('on a narrow terminal a text stands below what it is about; nothing does where there is none', () => {
  const of = (helpWidth: number, text: string): string =>
    formatItem('--size <n>', 12, text, Object.assign(new Help(), { helpWidth }))
  expect(of(60, 'how large it is')).toBe('  --size <n>    how large it is')
  expect(of(59, 'how large it is')).toBe('  --size <n>\n      how large it is')
  expect(of(18, 'how large it is')).toBe('  --size <n>\n      how large it\n      is')
  expect(of(18, '')).toBe('  --size <n>')
})
