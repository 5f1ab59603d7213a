import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { gunzip, isGzip } from './gunzip.ts'

// 300 kB that hardly compress, so that they come in several chunks.
const content = Uint8Array.from({ length: 300_000 }, (_, i) => Math.imul(i, 2654435761) >>> 13)
const zipped = new Uint8Array(gzipSync(content))

test('the bytes come back', async () => {
  expect(isGzip(zipped)).toBe(true)
  expect(isGzip(content)).toBe(false)
  expect(isGzip(new Uint8Array(0))).toBe(false)
  expect(Buffer.compare(await gunzip(zipped, 'a.gz'), content)).toBe(0)
})

const changed = (index: number) => zipped.map((byte, i) => (i === index ? byte ^ 1 : byte))

test.each([
  ['cut short', zipped.subarray(0, -9)],
  ['only its magic', zipped.subarray(0, 2)],
  ['a wrong checksum', changed(zipped.length - 8)],
  ['a wrong length', changed(zipped.length - 1)],
  ['bytes behind the end', Uint8Array.from([...zipped, 7])],
])('%s is refused', async (_, bytes) => {
  await expect(gunzip(bytes, 'a.gz')).rejects.toThrow(
    /^a\.gz: is a damaged or truncated gzip file \([^\n]+\)$/,
  )
})

test('stops at the limit', async () => {
  await expect(gunzip(zipped, 'a.gz', 299_999)).rejects.toThrow(
    new Error('a.gz: holds more than 299999 bytes when decompressed, refused'),
  )
  expect(await gunzip(zipped, 'a.gz', 300_000)).toHaveLength(300_000)
})
