import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { foreignKind, loadSafetensors, SafetensorsError, saveSafetensors, zeros } from './index.ts'

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))

/** A zip archive as far as the name of its first record. */
const zip = (name: string): string =>
  `PK\x03\x04\x00\x00\x08\x08${'\0'.repeat(18)}${String.fromCharCode(name.length)}\0\x12\0${name}FB`

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d'.repeat(32)}\nsize 9912422\n`

test.each([
  [
    'a Git LFS pointer',
    pointer,
    'a Git LFS pointer, which stands for the file: fetch that with git lfs pull',
  ],
  ['a page', '<!DOCTYPE html>\n<html lang="en">', 'an HTML page'],
  ['a page with a mark, space and a remark', '\xef\xbb\xbf \r\n<!-- 404\n -->\n<html>', 'an HTML page'],
  ['a page without a type', '<head><title>403 Forbidden</title></head>', 'an HTML page'],
  ['torch.save', zip('archive/data.pkl'), 'a PyTorch file (.pth, .pt): save its state dict with safetensors'],
  ['torch.save under another name', zip('weights/.format_version'), 'a PyTorch file'],
  ['torch.jit.save', zip('archive/data/0'), 'a PyTorch file'],
  ['torch.save before 1.6', '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M', 'a PyTorch file'],
  ["Kaggle's archive", zip('t10k-images-idx3-ubyte/t10k-images-idx3-ubyte'), 'a zip archive: unpack it'],
  ['an empty archive', `PK\x05\x06${'\0'.repeat(18)}`, 'a zip archive: unpack it'],
  ['.npz', zip('x_train.npy'), 'a zip archive: unpack it'],
  ['.npy', '\x93NUMPY\x01\0v\0', 'a NumPy file'],
  ['.h5', '\x89HDF\r\n\x1a\n\0', 'an HDF5 file'],
])('%s is called that, as weights too', (_, start, kind) => {
  const bytes = latin1(start)
  expect(foreignKind(bytes)?.slice(0, kind.length)).toBe(kind)
  expect(() => loadSafetensors(bytes)).toThrow(SafetensorsError)
  expect(() => loadSafetensors(bytes)).toThrow(`safetensors: the file is ${kind}`)
})

test('gzip too', () => {
  const bytes = new Uint8Array(gzipSync('weights'))
  expect(() => loadSafetensors(bytes)).toThrow('safetensors: the file is gzipped: unpack it')
})

test.each([
  '',
  'P',
  'text',
  'version 3 of https://git-lfs.github.com/spec/v1',
  'a <html> page',
  '<htmlish>',
  '<svg>',
  'PK\x01\x02',
  '\x1f\x8c',
  '\x80\x02}q\0',
])('%j is nothing that is known', (start) => {
  expect(foreignKind(latin1(start))).toBe(null)
})

test('a good file is read whatever it starts with', () => {
  // A header of 0x8b1f bytes: what gzip starts with.
  const bytes = saveSafetensors({ x: zeros([1]) }, { pad: '' })
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  const padded = saveSafetensors({ x: zeros([1]) }, { pad: ' '.repeat(0x8b1f - length) })
  const text = Buffer.from(padded.subarray(8, padded.length - 4))
    .toString()
    .trimEnd()
    .padEnd(0x8b1f)
  const file = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 0, 0, 0, 0, 0, 0]),
    Buffer.from(text),
    Buffer.alloc(4),
  ])
  expect(foreignKind(file)).toBe('gzipped: unpack it')
  expect(loadSafetensors(file).x).toEqual(zeros([1]))
})

test('only the start is looked at, and a view of a buffer from its own start', () => {
  const whole = Buffer.concat([Buffer.from('text'), Buffer.from(pointer), Buffer.alloc(300_000)])
  expect(foreignKind(new Uint8Array(whole.buffer, whole.byteOffset + 4))).toMatch(/^a Git LFS pointer/)
})

test('the name in an archive is looked for where it is, up to its 200th letter', () => {
  const isTorch = (name: string): boolean =>
    foreignKind(latin1(zip(`${name}/data.pkl`)))!.startsWith('a PyTorch file')
  expect([isTorch('a'), isTorch('a'.repeat(200)), isTorch('a'.repeat(201))]).toEqual([true, true, false])
})

test('1024 bytes are looked at', () => {
  const page = (space: number): string | null => foreignKind(latin1(`${' '.repeat(space)}<html>`))
  expect(page(1024 - 5)).toMatch(/^an HTML page/)
  expect(page(1024 - 4)).toBe(null)
})
