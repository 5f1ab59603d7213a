import { describe, expect, test } from 'vitest'
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

  test('from the middle of a buffer, uint8 without a copy', () => {
    const buffer = Uint8Array.from([9, 9, 9, ...header(8, 3), 1, 2, 3, 9])
    const { data } = parseIdx(buffer.subarray(3, -1))
    expect([...data]).toEqual([1, 2, 3])
    expect(data.buffer).toBe(buffer.buffer)
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
      [...new TextEncoder().encode('<!doctype html>')],
      'a.idx: is not an IDX file: it starts with 0x3c 0x21 0x64 0x6f, expected 0x00 0x00, a type, a rank',
    ],
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
