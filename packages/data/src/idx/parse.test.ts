import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { gunzip } from './gunzip.ts'
import { parseIdx } from './parse.ts'

const header = (code: number, ...shape: number[]) => {
  const bytes = new Uint8Array(4 + 4 * shape.length)
  bytes.set([0, 0, code, shape.length])
  shape.forEach((extent, axis) => new DataView(bytes.buffer).setUint32(4 + 4 * axis, extent))
  return [...bytes]
}

describe('every element type, big-endian', () => {
  test.each([
    [0x08, Uint8Array.of(1, 255), [1, 255]],
    [0x09, Int8Array.of(1, -1), [1, 255]],
    [0x0b, Int16Array.of(258, -2), [1, 2, 255, 254]],
    [0x0c, Int32Array.of(16909060, -2), [1, 2, 3, 4, 255, 255, 255, 254]],
    [0x0d, Float32Array.of(1.5, -2), [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0]],
    [0x0e, Float64Array.of(1.5, -2), [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0]],
  ])('type %i', (code, data, body) => {
    const idx = parseIdx(Uint8Array.from([...header(code, 2, 1), ...body]))
    expect(idx).toEqual({ shape: [2, 1], data })
    expect(idx.data.constructor).toBe(data.constructor)
  })

  // All bits of the sign and of both halves, in numbers whose bytes read backwards are others.
  test('signs and order', () => {
    const of = (code: number, ...bytes: number[]) => [
      ...parseIdx(Uint8Array.from([...header(code, 2), ...bytes])).data,
    ]
    expect(of(0x09, 128, 127)).toEqual([-128, 127])
    expect(of(0x0b, 0x80, 1, 0x7f, 0xfe)).toEqual([-32767, 32766])
    expect(of(0x0c, 0x80, 0, 0, 1, 0x7f, 0xff, 0xff, 0xfe)).toEqual([-(2 ** 31) + 1, 2 ** 31 - 2])
    expect(parseIdx(Uint8Array.from([0, 0, 8, 1, 0, 0, 1, 2, ...Array(258).fill(5)])).shape).toEqual([258])
  })

  test.each([
    [0x08, [1, 2, 3]],
    [0x09, [1, 254, 3]],
    [0x0b, [0, 1, 0, 2, 0, 3]],
    [0x0c, [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]],
  ])('type %i from the middle of a buffer, bytes without a copy', (code, body) => {
    const buffer = Uint8Array.from([9, 9, 9, ...header(code, 3), ...body, 9])
    const { data } = parseIdx(buffer.subarray(3, -1))
    expect([...data]).toEqual([1, code === 9 ? -2 : 2, 3])
    expect(data.buffer === buffer.buffer).toBe(code < 10)
  })

  test('a buffer that ends too early is not read beyond its end', () => {
    const buffer = Uint8Array.from([...header(8, 3), 1, 2, 3])
    expect(() => parseIdx(buffer.subarray(0, -1))).toThrow(
      'IDX data: has 10 bytes, shape [3] needs 11; it is truncated',
    )
    expect(() => parseIdx(buffer.subarray(0, 7))).toThrow('has 7 bytes, its header of 1 axes needs 8')
  })

  test('an extent from 2³¹ on is no negative one', () => {
    expect(() => parseIdx(Uint8Array.from(header(8, 2 ** 31)))).toThrow('shape [2147483648] needs 2147483656')
  })

  test('an extent of 0 is an empty array', () => {
    expect(parseIdx(Uint8Array.from(header(8, 0, 28, 28)))).toEqual({
      shape: [0, 28, 28],
      data: new Uint8Array(0),
    })
    const many = [2 ** 32 - 1, ...Array.from({ length: 40 }, () => 2 ** 32 - 1), 0]
    expect(parseIdx(Uint8Array.from(header(14, ...many))).data).toEqual(new Float64Array(0))
  })
})

// A page's frame, a sandbox or a test runner has typed arrays of its own.
test('bytes of another realm', async () => {
  const { Uint8Array: Other } = runInNewContext('({ Uint8Array })') as { Uint8Array: typeof Uint8Array }
  const bytes = Other.from([...header(8, 2, 1), 1, 255])
  expect([bytes instanceof Uint8Array, [...parseIdx(bytes).data]]).toEqual([false, [1, 255]])
  const zipped = await gunzip(Other.from(gzipSync(bytes)), 'a.gz')
  expect([...zipped]).toEqual([...bytes])
})

test.each([
  ['train.idx', "IDX data: is 'train.idx', expected its bytes, a Uint8Array"],
  [undefined, 'IDX data: is undefined, expected'],
  [new ArrayBuffer(8), 'IDX data: is an ArrayBuffer, expected its bytes'],
  [Int8Array.of(0), 'IDX data: is an Int8Array, expected its bytes'],
])('%s is refused', (bytes, message) => {
  expect(() => parseIdx(bytes as unknown as Uint8Array)).toThrow(message)
})

describe('malformed files', () => {
  test.each<[string, number[], string]>([
    ['nothing', [], 'a.idx: has 0 bytes, an IDX file has a magic number of 4 bytes; it is truncated'],
    [
      'three bytes',
      [0, 0, 8],
      'a.idx: has 3 bytes, an IDX file has a magic number of 4 bytes; it is truncated',
    ],
    [
      'text',
      [...new TextEncoder().encode('text')],
      'a.idx: is not an IDX file: it starts with 0x74 0x65 0x78 0x74, expected 0x00 0x00, a type, a rank',
    ],
    [
      'an HTML page',
      [...new TextEncoder().encode('<!doctype html>')],
      'a.idx: is no IDX file but an HTML page, as a host answers for a name that it does not have: download the file itself',
    ],
    ['a gzip file', [0x1f, 0x8b, 8, 0], 'a.idx: is no IDX file but gzipped: unpack it'],
    [
      'a second byte that is not 0',
      [0, 1, 8, 1, 0, 0, 0, 0],
      'a.idx: is not an IDX file: it starts with 0x00 0x01 0x08 0x01, expected 0x00 0x00, a type, a rank',
    ],
    [
      'an unknown type',
      [...header(10, 1), 0],
      'a.idx: IDX element type 0x0a is unknown, expected one of 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e',
    ],
    ['no axes', header(8), 'a.idx: the IDX header states 0 axes, expected at least 1'],
    [
      'a header cut short',
      header(8, 1, 2, 3).slice(0, 15),
      'a.idx: has 15 bytes, its header of 3 axes needs 16; it is truncated',
    ],
    [
      'a missing byte',
      [...header(8, 2, 3), 1, 2, 3, 4, 5],
      'a.idx: has 17 bytes, shape [2,3] needs 18; it is truncated',
    ],
    [
      'a trailing byte',
      [...header(8, 2), 1, 2, 3],
      'a.idx: has 11 bytes, shape [2] needs 10; bytes follow the data',
    ],
    ['a missing double', header(14, 1), 'a.idx: has 8 bytes, shape [1] needs 16; it is truncated'],
    [
      'more than memory holds',
      header(8, 2 ** 32 - 1, 2 ** 32 - 1),
      'a.idx: has 12 bytes, shape [4294967295,4294967295] needs 18446744065119617000; it is truncated',
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => parseIdx(Uint8Array.from(bytes), 'a.idx')).toThrow(new Error(message))
  })
})
