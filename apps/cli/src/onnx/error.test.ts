import { expect, test } from 'vitest'
import { OnnxError, quote } from './error.ts'

test('an error says that it is of ONNX, and keeps its cause', () => {
  const cause = new Error('cut')
  const error = new OnnxError('no graph', { cause })
  expect(String(error)).toBe('OnnxError: ONNX: no graph')
  expect(error.cause).toBe(cause)
})

test('a name is escaped, and cut when it is long', () => {
  expect(quote('a"\n')).toBe(String.raw`"a\"\n"`)
  const long = 'x'.repeat(80)
  expect(quote(long)).toBe(`"${long}"`)
  expect(quote(`${long}y`)).toBe(`"${long}…"`)
})
