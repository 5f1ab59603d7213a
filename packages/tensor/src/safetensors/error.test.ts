import { expect, test } from 'vitest'
import { quote, SafetensorsError } from './error.ts'

test('a name in a message is on one line, and cut behind 80 letters', () => {
  const [whole, long] = ['0123456789'.repeat(8), '0123456789'.repeat(9)]
  expect([quote('a"b\n'), quote(whole), quote(`${whole}8`), quote(long)]).toEqual([
    String.raw`"a\"b\n"`,
    `"${whole}"`,
    `"${whole}…"`,
    `"${whole}…"`,
  ])
  expect([quote(5n), quote(null), quote([1, 2])]).toEqual(['"5"', '"null"', '"1,2"'])
})

test('an error names itself', () => {
  expect(String(new SafetensorsError('it is short'))).toBe('SafetensorsError: safetensors: it is short')
})
