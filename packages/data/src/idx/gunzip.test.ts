import { Duplex } from 'node:stream'
import { crc32, createGunzip, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { gunzip, isGzip } from './gunzip.ts'

const gzip = (bytes: Uint8Array | string): Uint8Array => new Uint8Array(gzipSync(bytes))
const joined = (...parts: (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]))
const textOf = async (bytes: Uint8Array): Promise<string> =>
  Buffer.from(await gunzip(bytes, 'a.gz')).toString()

// 300 kB that hardly compress, so that they come in several chunks.
const content = Uint8Array.from({ length: 300_000 }, (_, i) => Math.imul(i, 2654435761) >>> 13)
const zipped = gzip(content)

test('the bytes come back', async () => {
  expect(isGzip(zipped)).toBe(true)
  expect(isGzip(content)).toBe(false)
  expect(isGzip(new Uint8Array(0))).toBe(false)
  expect(isGzip(Uint8Array.of(0x1f, 0, 8))).toBe(false)
  expect(isGzip(Uint8Array.of(0, 0x8b, 8))).toBe(false)
  expect(Buffer.compare(await gunzip(zipped, 'a.gz'), content)).toBe(0)
  expect(await gunzip(gzip(''), 'a.gz')).toEqual(new Uint8Array(0))
})

test('2 MB, and from the middle of a buffer', async () => {
  const zeros = await gunzip(joined([9], gzip(new Uint8Array(2 ** 21))).subarray(1), 'a.gz')
  expect([zeros.length, zeros.every((byte) => byte === 0)]).toEqual([2 ** 21, true])
})

/** A member that holds `bytes` as they are: a stored block, so that they also stand in the file. */
function stored(bytes: Uint8Array): Uint8Array {
  const numbers = new DataView(new ArrayBuffer(13))
  numbers.setUint8(0, 1)
  numbers.setUint16(1, bytes.length, true)
  numbers.setUint16(3, ~bytes.length & 0xffff, true)
  numbers.setUint32(5, crc32(bytes), true)
  numbers.setUint32(9, bytes.length, true)
  const all = new Uint8Array(numbers.buffer)
  return joined([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], all.subarray(0, 5), bytes, all.subarray(5))
}

describe('several members', () => {
  test('are read one after the other', async () => {
    expect(await textOf(joined(gzip('hello '), gzip('wor'), gzip('ld')))).toBe('hello world')
    expect(await textOf(joined(gzip('a'), gzip(''), gzip('b'), gzip('')))).toBe('ab')
    const two = await gunzip(joined(zipped, gzip(content.subarray(0, 7))), 'a.gz')
    expect(Buffer.compare(two, joined(content, content.subarray(0, 7)))).toBe(0)
  })

  test('what looks like the start of one, within another, is none', async () => {
    const start = [0x1f, 0x8b, 8]
    const inside = joined(start, [1, 0x1f, 0x1f], start, [0x8b], start)
    const bytes = joined(stored(inside), stored(joined(start)), gzip('end'))
    expect(Buffer.compare(await gunzip(bytes, 'a.gz'), joined(inside, start, Buffer.from('end')))).toBe(0)
  })

  test('two of its three first bytes are no start', async () => {
    const inside = joined(...Array.from({ length: 100 }, () => [0x1f, 0x8b, 0, 0x1f, 0, 8, 0, 0x8b, 8]))
    const bytes = joined(stored(inside), gzip('b'))
    expect(Buffer.compare(await gunzip(bytes, 'a.gz'), joined(inside, [98]))).toBe(0)
  })

  test('a whole member within another is not taken out of it', async () => {
    const inside = gzip('inner')
    expect(
      Buffer.compare(await gunzip(joined(stored(inside), gzip('b')), 'a.gz'), joined(inside, [98])),
    ).toBe(0)
  })

  test('a file that looks as if it had thousands of them is given up soon', async () => {
    const inside = joined(...Array.from({ length: 5000 }, () => [0x1f, 0x8b, 8]))
    expect(Buffer.compare(await gunzip(stored(inside), 'a.gz'), inside)).toBe(0)
    const decompressions = vi.spyOn(globalThis, 'DecompressionStream')
    await expect(gunzip(stored(inside).subarray(0, -1), 'a.gz')).rejects.toThrow('damaged or truncated')
    expect(decompressions).toHaveBeenCalledTimes(65)
    decompressions.mockRestore()
  })
})

const changed = (index: number) => zipped.map((byte, i) => (i === index ? byte ^ 1 : byte))

test.each<[string, Uint8Array]>([
  ['cut short', zipped.subarray(0, -9)],
  ['only its magic', zipped.subarray(0, 2)],
  ['a wrong checksum', changed(zipped.length - 8)],
  ['a wrong length', changed(zipped.length - 1)],
  ['a byte behind the end', joined(zipped, [7])],
  ['a zero behind the end', joined(zipped, [0])],
  ['many zeros behind the end', joined(zipped, new Uint8Array(512))],
  ['a start of a member behind the end', joined(zipped, [0x1f, 0x8b, 8, 0])],
  ['a second member that is cut short', joined(zipped, gzip('b').subarray(0, -1))],
  ['a second member with a wrong checksum', joined(gzip('b'), changed(zipped.length - 8))],
  ['a first member with a wrong checksum', joined(changed(zipped.length - 8), gzip('b'))],
  ['bytes between two members', joined(gzip('a'), [0], gzip('b'))],
  ['bytes behind the second member', joined(gzip('a'), gzip('b'), [1, 2, 3, 4, 5, 6, 7, 8])],
])('%s is refused', async (_, bytes) => {
  await expect(gunzip(bytes, 'a.gz')).rejects.toThrow(
    /^a\.gz: is a damaged or truncated gzip file \([^\n]+\)$/,
  )
})

// As Node 20 has it: several members come as one, and zeros behind the last are passed over.
describe('where decompression is not strict', () => {
  const strict = globalThis.DecompressionStream
  beforeEach(() => {
    const lenient = function () {
      return Duplex.toWeb(createGunzip())
    }
    vi.stubGlobal('DecompressionStream', lenient)
  })
  afterEach(() => void vi.unstubAllGlobals())

  test('members are read as elsewhere', async () => {
    expect(globalThis.DecompressionStream).not.toBe(strict)
    expect(await textOf(joined(gzip('hello '), gzip('wor'), gzip('ld')))).toBe('hello world')
    expect(Buffer.compare(await gunzip(zipped, 'a.gz'), content)).toBe(0)
  })

  test.each([1, 3, 4, 512])('%i zeros behind the last are refused', async (count) => {
    for (const bytes of [zipped, joined(gzip('a'), zipped)]) {
      await expect(gunzip(joined(bytes, new Uint8Array(count)), 'a.gz')).rejects.toThrow(
        new Error('a.gz: is a damaged or truncated gzip file (its end does not state its size)'),
      )
    }
  })
})

describe('stops at the limit', () => {
  const refused = new Error('a.gz: holds more than 299999 bytes when decompressed, refused')

  test('of one member', async () => {
    await expect(gunzip(zipped, 'a.gz', 299_999)).rejects.toThrow(refused)
    expect(await gunzip(zipped, 'a.gz', 300_000)).toHaveLength(300_000)
  })

  test('of all together', async () => {
    const two = joined(gzip(content.subarray(0, 200_000)), gzip(content.subarray(0, 100_000)))
    await expect(gunzip(two, 'a.gz', 299_999)).rejects.toThrow(refused)
    expect(await gunzip(two, 'a.gz', 300_000)).toHaveLength(300_000)
  })

  test('long before the end of what would fill the memory', async () => {
    const bomb = gzip(new Uint8Array(2 ** 26))
    let read = 0
    const reader = vi.spyOn(ReadableStreamDefaultReader.prototype, 'read')
    const cancel = vi.spyOn(ReadableStreamDefaultReader.prototype, 'cancel')
    await expect(gunzip(bomb, 'a.gz', 1000)).rejects.toThrow('holds more than 1000 bytes')
    read = reader.mock.calls.length
    reader.mockRestore()
    expect(read).toBeLessThan(5)
    expect(cancel).toHaveBeenCalledTimes(1)
    cancel.mockRestore()
  })

  test('which is 1 GiB unless told', async () => {
    const end = { value: undefined, done: true }
    const read = vi.spyOn(ReadableStreamDefaultReader.prototype, 'read')
    // No such file is made: chunks say how long they are.
    read.mockResolvedValueOnce({ value: { length: 2 ** 30 + 1 }, done: false }).mockResolvedValue(end)
    await expect(gunzip(gzip('a'), 'a.gz')).rejects.toThrow('holds more than 1073741824 bytes')
    read.mockRestore()
  })
})
