import { expect, test } from 'vitest'
import { loadSafetensors, SafetensorsError } from '../index.ts'
import { file, latin1 } from './test/files.ts'

test.each([
  ['version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n', 'this is a Git LFS pointer'],
  [
    'PK\x03\x04\x00\x00\x08\x08\x00\x00archive/data.pkl',
    "this is a zip archive, as PyTorch's .pth and .pt are",
  ],
  ['\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M', 'this is a pickle, as old .pth files are'],
  ['<!DOCTYPE html><html><body>404</body></html>', 'this is an HTML page'],
  ['\n <html lang="en">not found</html>', 'this is an HTML page'],
  ['\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03', 'this is gzipped; unpack it first'],
])('%j', (text, message) => {
  expect(() => loadSafetensors(latin1(text))).toThrow(message)
  expect(() => loadSafetensors(latin1(text))).toThrow(SafetensorsError)
})

test('what is no other kind keeps its own error, and a right file is read whatever it begins with', () => {
  expect(() => loadSafetensors(latin1('hello, world'))).toThrow('the header is too large')
  expect(() => loadSafetensors(latin1('x <html>'))).toThrow('the header is too large')
  // A header of 0x8b1f bytes begins as a gzipped file does.
  const header = '{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}'
  const bytes = file(header.padEnd(0x8b1f), [5, 6])
  expect([...bytes.subarray(0, 2)]).toEqual([0x1f, 0x8b])
  expect([...loadSafetensors(bytes).x.data]).toEqual([5, 6])
  expect(() => loadSafetensors(bytes.subarray(0, -1))).toThrow('this is gzipped')
})
