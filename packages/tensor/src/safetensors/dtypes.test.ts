import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import fixtures from '../../../../fixtures/tensor/cases.json' with { type: 'json' }
import { type DType, loadSafetensors, Tensor } from '../index.ts'
import { one } from './test/files.ts'

describe('every dtype of the format', () => {
  const dtypes: [string, DType, number[], (number | bigint)[]][] = [
    ['BOOL', 'uint8', [0, 1], [0, 1]],
    ['U8', 'uint8', [0, 200], [0, 200]],
    ['I8', 'int32', [0x80, 0x7f], [-128, 127]],
    ['I16', 'int32', [0, 0x80, 0xff, 0x7f], [-32768, 32767]],
    ['U16', 'int32', [0xff, 0xff], [65535]],
    ['I32', 'int32', [0, 0, 0, 0x80], [-(2 ** 31)]],
    ['U32', 'int64', [0xff, 0xff, 0xff, 0xff], [4294967295n]],
    ['I64', 'int64', [0, 0, 0, 0, 0, 0, 0, 0x80], [-(2n ** 63n)]],
    ['U64', 'int64', [255, 255, 255, 255, 255, 255, 255, 0x7f], [2n ** 63n - 1n]],
    ['F16', 'float32', [0, 0x3c, 1, 0, 0xff, 0x7b, 0, 0xfc, 0, 0x80], [1, 2 ** -24, 65504, -Infinity, -0]],
    [
      'BF16',
      'float32',
      [0x80, 0x3f, 1, 0, 0x80, 0xff, 0x7f, 0x7f],
      [1, 2 ** -133, -Infinity, 255 * 2 ** 120],
    ],
    ['F32', 'float32', [0, 0, 0xc0, 0xbf], [-1.5]],
    ['F64', 'float64', [0, 0, 0, 0, 0, 0, 0xf8, 0xbf], [-1.5]],
    [
      'F8_E5M2',
      'float32',
      [0x01, 0x3c, 0x7b, 0x7c, 0x7d, 0xfc],
      [2 ** -16, 1, 57344, Infinity, NaN, -Infinity],
    ],
    ['F8_E4M3', 'float32', [0x01, 0x38, 0x7e, 0x7f, 0x80, 0xff], [2 ** -9, 1, 448, NaN, -0, NaN]],
    ['F8_E4M3FNUZ', 'float32', [0x01, 0x40, 0x7f, 0xff, 0x80], [2 ** -10, 1, 240, -240, NaN]],
    ['F8_E5M2FNUZ', 'float32', [0x01, 0x40, 0x7f, 0xff, 0x80], [2 ** -17, 1, 57344, -57344, NaN]],
    ['F8_E8M0', 'float32', [0, 1, 127, 254, 255], [2 ** -127, 2 ** -126, 1, 2 ** 127, NaN]],
  ]

  test.each(dtypes)('%s becomes %s', (name, dtype, data, expected) => {
    const { x } = loadSafetensors(one(name, [expected.length], data))
    expect(x.dtype).toBe(dtype)
    expect([...x.data]).toEqual(expected)
  })

  test.each(Object.entries(fixtures.widening))(
    'every code of %s has the bits of torch’s .float()',
    (name, hash) => {
      const codes = name.startsWith('F8') ? new Uint8Array(256) : new Uint16Array(65_536)
      codes.forEach((_, code) => (codes[code] = code))
      const { x } = loadSafetensors(one(name, [codes.length], new Uint8Array(codes.buffer)))
      expect(createHash('sha256').update(new Uint8Array(x.data.buffer)).digest('hex')).toBe(hash)
    },
  )

  test('F4 is two numbers a byte, the low half first', () => {
    const { x } = loadSafetensors(one('F4', [2, 8], [0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe]))
    expect(x.shape).toEqual([2, 8])
    const positive = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    expect([...x.data]).toEqual([...positive, ...positive.map((value) => -value)])
    expect(() => loadSafetensors(one('F4', [3], [0]))).toThrow('overflows or is not in whole bytes')
  })

  test('C64 gets an axis of real and imaginary part', () => {
    const { x } = loadSafetensors(one('C64', [1], [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]))
    expect([x.shape, [...x.data]]).toEqual([
      [1, 2],
      [1, -2],
    ])
  })

  test('a NaN keeps its sign and payload and becomes quiet', () => {
    const bitsOf = (dtype: string, data: number[]): number => {
      const { data: floats } = loadSafetensors(one(dtype, [1], data)).x as Tensor<'float32'>
      return new Uint32Array(floats.buffer)[0]
    }
    expect(bitsOf('F16', [0x01, 0xfc])).toBe(0xffc02000)
    expect(bitsOf('BF16', [0xc1, 0x7f])).toBe(0x7fc10000)
    expect(bitsOf('F8_E5M2', [0xfd])).toBe(0xffe00000)
    expect(bitsOf('F8_E4M3', [0x7f])).toBe(0x7ff00000)
  })

  test('a U64 that int64 cannot hold, and 6-bit floats, are refused by name', () => {
    const big = one('U64', [2], [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80])
    expect(() => loadSafetensors(big)).toThrow('tensor "x": element 1 is 9223372036854775808')
    const first = one('U64', [1], [0, 0, 0, 0, 0, 0, 0, 0x80])
    expect(() => loadSafetensors(first)).toThrow('tensor "x": element 0 is 9223372036854775808')
    for (const dtype of ['F6_E2M3', 'F6_E3M2'])
      expect(() => loadSafetensors(one(dtype, [4], [0, 0, 0]))).toThrow(
        'tensor "x": 6-bit floats are not read',
      )
  })
})
