import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import fixtures from '../../../../fixtures/tensor/cases.json' with { type: 'json' }
import {
  type DType,
  loadSafetensors,
  readSafetensors,
  SafetensorsError,
  saveSafetensors,
  Tensor,
  tensor,
} from '../index.ts'

const utf8 = new TextEncoder()

/** A file of this header and these data bytes, whatever they say. */
function file(header: string | Uint8Array, data: ArrayLike<number> = []): Uint8Array {
  const text = typeof header === 'string' ? utf8.encode(header) : header
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes
}

/** A file of one tensor named x. */
function one(dtype: string, shape: readonly number[], data: ArrayLike<number>): Uint8Array {
  return file(JSON.stringify({ x: { dtype, shape, data_offsets: [0, data.length] } }), data)
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

const zeros16 = Array.from({ length: 16 }, () => 0)

describe('the bytes of the format', () => {
  // From the format's own test_serialization, and safetensors 0.8.0 in Python for the second.
  const attention = latin1(
    '@\0\0\0\0\0\0\0{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}' +
      '\0\0\0\0\0\0\x80?\0\0\0@\0\0@@\0\0\x80@\0\0\xa0@',
  )
  const mixed = latin1(
    '0\x01\0\0\0\0\0\0{"__metadata__":{"format":"pt"},"d":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},' +
      '"e":{"dtype":"F64","shape":[],"data_offsets":[8,16]},"c":{"dtype":"F32","shape":[0,3],"data_offsets":[16,16]},' +
      '"b":{"dtype":"I32","shape":[1],"data_offsets":[16,20]},"a":{"dtype":"U8","shape":[2],"data_offsets":[20,22]}}' +
      '\xfe\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\xf8?\x07\0\0\0\x01\xff',
  )

  test('one tensor, written and read', () => {
    const x = new Tensor(Float32Array.of(0, 1, 2, 3, 4, 5), [1, 2, 3])
    expect(saveSafetensors({ 'attn.0': x })).toEqual(attention)
    const { 'attn.0': read } = loadSafetensors(attention)
    expect([read.dtype, read.shape, [...read.data]]).toEqual(['float32', [1, 2, 3], [0, 1, 2, 3, 4, 5]])
  })

  test('each of our dtypes, in the order of their alignment, with metadata', () => {
    const record: Record<string, Tensor<DType>> = {
      a: new Tensor(Uint8Array.of(1, 255), [2]),
      b: new Tensor(Int32Array.of(7), [1]),
      c: new Tensor(new Float32Array(), [0, 3]),
      d: new Tensor(BigInt64Array.of(-2n), [1]),
      e: new Tensor(Float64Array.of(1.5), []),
    }
    expect(latin1String(saveSafetensors(record, { format: 'pt' }))).toBe(latin1String(mixed))
    const read = readSafetensors(mixed)
    expect({ ...read.metadata }).toEqual({ format: 'pt' })
    expect({ ...read.tensors }).toEqual(record)
    expect(saveSafetensors(read.tensors, read.metadata)).toEqual(mixed)
  })

  test('names in the order of their UTF-8 bytes, not of their UTF-16 units', () => {
    const x = tensor(Uint8Array.of(0))
    const names = ['\u{1f600}b', '\ufffd', '\u{1f600}a', 'b', 'a', '', '10', '9', 'ab']
    const sorted = ['', '10', '9', 'a', 'ab', 'b', '\ufffd', '\u{1f600}a', '\u{1f600}b']
    const text = new TextDecoder().decode(
      saveSafetensors(Object.fromEntries(names.map((name) => [name, x] as const))),
    )
    const found = [...text.matchAll(/"([^"]*)":\{"dtype"/g)].map((match) => match[1])
    expect(found).toEqual(sorted)
  })

  test('an empty record, with and without metadata', () => {
    expect(saveSafetensors({})).toEqual(file('{}      '))
    expect(readSafetensors(file('{}')).metadata).toBeUndefined()
    expect(saveSafetensors({}, { k: '"\\\n\u0001é' })).toEqual(
      file('{"__metadata__":{"k":"\\"\\\\\\n\\u0001é"}} '),
    )
  })

  test('bits of NaN, −0 and subnormals pass both ways', () => {
    const bits = Uint32Array.of(0x7fc12345, 0xffc00001, 0x80000000, 1, 0x7f800001)
    const bytes = saveSafetensors({ x: new Tensor(new Float32Array(bits.buffer), [5]) })
    const read = loadSafetensors(bytes).x as Tensor<'float32'>
    expect([...new Uint32Array(read.data.buffer)]).toEqual([...bits])
  })

  test('a view into a larger buffer is written alone, and one at an odd address is read', () => {
    const view = Float32Array.of(1, 2, 9, 8, 5, 6).subarray(2, 4)
    const bytes = saveSafetensors({ x: new Tensor(view, [2]) })
    expect(bytes).toEqual(saveSafetensors({ x: new Tensor(Float32Array.of(9, 8), [2]) }))
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    const read = loadSafetensors(Buffer.from(shifted.buffer, 3)).x
    shifted.fill(0)
    expect([...read.data]).toEqual([9, 8])
  })
})

function latin1String(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
}

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
    expect(() => loadSafetensors(one('F6_E2M3', [4], [0, 0, 0]))).toThrow(
      'tensor "x": 6-bit floats are not read',
    )
  })
})

describe('accepted', () => {
  test('rank 0, an extent of 0, and empty tensors between others', () => {
    const header = {
      b: { dtype: 'I32', shape: [], data_offsets: [0, 4] },
      a: { dtype: 'F32', shape: [2, 0], data_offsets: [4, 4] },
      c: { dtype: 'U8', shape: [1], data_offsets: [4, 5] },
      d: { dtype: 'F64', shape: [0], data_offsets: [0, 0] },
    }
    const record = loadSafetensors(file(JSON.stringify(header), [1, 0, 0, 0, 9]))
    expect(Object.entries(record).map(([name, x]) => [name, x.shape, [...x.data]])).toEqual([
      ['d', [0], []],
      ['b', [], [1]],
      ['a', [2, 0], []],
      ['c', [1], [9]],
    ])
  })

  test.each([['{}\r \t\n'], ['\t\n{}\r '], [' { "__metadata__" : { } } ']])(
    'space around the header: %j',
    (header) => {
      expect(Object.keys(loadSafetensors(file(header)))).toEqual([])
    },
  )

  test('names that mean something to JavaScript', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '']
    const record: Record<string, Tensor<DType>> = Object.create(null)
    names.forEach((name, i) => (record[name] = new Tensor(Uint8Array.of(i), [1])))
    const { tensors, metadata } = readSafetensors(saveSafetensors(record, JSON.parse('{"__proto__":"p"}')))
    expect(Object.keys(tensors).sort()).toEqual([...names].sort())
    names.forEach((name, i) => expect([...tensors[name].data]).toEqual([i]))
    expect([Object.getPrototypeOf(tensors), Object.getPrototypeOf(metadata)]).toEqual([null, null])
    expect(metadata!['__proto__']).toBe('p')
    expect(({} as Record<string, unknown>).p).toBeUndefined()
  })

  test('escapes in names, and members that the format does not know', () => {
    const header =
      '{"\\u0061\\"":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"note":[{"a":-1.5e3},null,true]}}'
    expect(Object.keys(loadSafetensors(file(header, [1])))).toEqual(['a"'])
  })
})

describe('refused', () => {
  const entry = (dtype: unknown, shape: unknown, offsets: unknown) =>
    `{"test":{"dtype":${JSON.stringify(dtype)},"shape":${JSON.stringify(shape)},"data_offsets":${JSON.stringify(offsets)}}}`
  const i32 = '{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}'
  const u8 = '{"dtype":"U8","shape":[1],"data_offsets":[0,1]}'
  const nested = (levels: number) =>
    file(`{"a":${u8.replace('{', `{"x":${'['.repeat(levels)}${']'.repeat(levels)},`)}}`, [1])
  const length = (bytes: number[], rest = '') => Uint8Array.of(...bytes, ...utf8.encode(rest))

  const cases: [string, Uint8Array, string][] = [
    ['no bytes', new Uint8Array(), 'too small'],
    ['seven bytes', new Uint8Array(7), 'too small'],
    ['an empty header', file(''), 'not JSON'],
    ['a length of 2⁶⁴ − 2⁴⁰', length([60, 0, 0, 0, 0, 255, 255, 255], i32), 'too large'],
    ['a length of 100,000,001', length([1, 0xe1, 0xf5, 5, 0, 0, 0, 0], i32), 'too large'],
    ['a length of 100,000,000 in a short file', length([0, 0xe1, 0xf5, 5, 0, 0, 0, 0], i32), 'past the file'],
    ['a length past the end', length([60, 0, 0, 0, 0, 0, 0, 0]), 'past the file'],
    ['not UTF-8', file(Uint8Array.of(0xff)), 'not UTF-8'],
    [
      'UTF-8 that is longer than it needs to be',
      file(Uint8Array.of(0x7b, 0x22, 0xc0, 0x80, 0x22)),
      'not UTF-8',
    ],
    ['a byte order mark', file('\ufeff{}'), 'not JSON'],
    ['not JSON', file('{'), 'not JSON'],
    ['a list', file('[]'), 'not a JSON object'],
    ['a string', file('"{}"'), 'not a JSON object'],
    ['zeros behind the header', file('{}\0\0'), 'not JSON'],
    ['two values', file('{}{}'), 'not JSON'],
    ['a comma too many', file('{"a":1,}'), 'not JSON'],
    ['single quotes', file("{'a':1}"), 'not JSON'],
    ['an open string', file('{"a'), 'not JSON'],
    ['an open string that ends in an escaped quote', file('{"a\\"'), 'not JSON'],
    ['a bad escape', file('{"\\x":1}'), 'not JSON'],
    ['a control character', file('{"\n":1}'), 'not JSON'],
    ['an unpaired surrogate', file(`{"\\ud800":${u8}}`, [1]), 'not JSON'],
    ['a number with a leading zero', file('{"a":01}'), 'not JSON'],
    ['NaN', file('{"a":NaN}'), 'not JSON'],
    [
      'a number beyond float64',
      file(`{"a":${u8.replace('{', '{"x":1e400,')}}`, [1]),
      'a number that is not too large',
    ],
    ['128 levels', nested(126), 'at most 127 levels'],
    ['two equal names', file(`{"a":${u8},"a":${u8}}`, [1]), 'the key "a" twice'],
    ['two equal names, one escaped', file(`{"a":${u8},"\\u0061":${u8}}`, [1]), 'the key "a" twice'],
    ['two equal members', file(`{"a":{"dtype":"F32",${u8.slice(1)}}`, [1]), 'the key "dtype" twice'],
    ['two equal metadata keys', file('{"__metadata__":{"a":"","a":""}}'), 'the key "a" twice'],
    ['two metadata', file('{"__metadata__":{},"__metadata__":{}}'), 'the key "__metadata__" twice'],
    ['metadata that is a number', file('{"__metadata__":{"a":1}}'), 'the value of "a" is not a string'],
    ['nested metadata', file('{"__metadata__":{"a":{}}}'), 'the value of "a" is not a string'],
    ['metadata that is null', file('{"__metadata__":null}'), '__metadata__ is not a JSON object'],
    ['metadata that is a list', file('{"__metadata__":["a"]}'), '__metadata__ is not a JSON object'],
    ['an entry that is a list', file('{"a":["U8",[1],[0,1]]}', [1]), 'its entry is not a JSON object'],
    ['no dtype', file('{"a":{"shape":[1],"data_offsets":[0,1]}}', [1]), 'dtype is not a string'],
    ['no shape', file('{"a":{"dtype":"U8","data_offsets":[0,1]}}', [1]), 'shape is not a list'],
    ['no offsets', file('{"a":{"dtype":"U8","shape":[1]}}', [1]), 'data_offsets is not a pair'],
    ['one offset', file(entry('U8', [1], [1]), [1]), 'data_offsets is not a pair'],
    ['three offsets', file(entry('U8', [1], [0, 1, 2]), [1]), 'data_offsets is not a pair'],
    ['an unknown dtype', file(entry('F33', [1], [0, 4]), [1, 2, 3, 4]), 'dtype "F33" is not one of BOOL, F4'],
    [
      'a dtype that objects have',
      file(entry('constructor', [1], [0, 1]), [1]),
      'dtype "constructor" is not one',
    ],
    ['a negative extent', file(entry('U8', [-1], [0, 0])), 'shape is not a list'],
    ['minus zero', file('{"a":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}'), 'shape is not a list'],
    ['1.0', file('{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}', [1]), 'shape is not a list'],
    [
      '1e0',
      file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1e0]}}', [1]),
      'data_offsets is not a pair',
    ],
    ['a text extent', file(entry('U8', ['1'], [0, 1]), [1]), 'shape is not a list'],
    ['offsets that run backwards', file(entry('U8', [1], [1, 0])), 'run backwards'],
    ['trailing bytes', file(i32, [...zeros16, 1]), 'something is appended'],
    ['bytes without tensors', file('{}', [1]), 'something is appended'],
    ['two missing bytes', file(i32, zeros16.slice(2)), 'it is cut off'],
    ['a shape larger than its bytes', file(entry('I32', [2, 2], [0, 4]), zeros16), '[2,2] takes 16 bytes'],
    ['a shape smaller than its bytes', file(entry('I32', [1], [0, 16]), zeros16), '[1] takes 4 bytes'],
    ['an empty shape with bytes', file(entry('I32', [0], [0, 4]), [0, 0, 0, 0]), '[0] takes 0 bytes'],
    [
      'an extent of 2⁶⁴ − 2',
      file(i32.replace('[2,2]', '[2,18446744073709551614]'), zeros16),
      'shape is not a list',
    ],
    [
      'an extent of 2⁶³ − 1',
      file(i32.replace('[2,2]', '[2,9223372036854775807]'), zeros16),
      'shape is not a list',
    ],
    [
      'an extent of 400 digits',
      file(i32.replace('[2,2]', `[${'9'.repeat(400)}]`), zeros16),
      'expected a number that is not too large',
    ],
    [
      'a product that wraps to 16 bytes',
      file(i32.replace('[2,2]', '[4294967296,4294967297]'), zeros16),
      'overflows',
    ],
    ['a size beyond 2⁵³', file(entry('F64', [2 ** 52], [0, 16]), zeros16), 'overflows'],
    ['a product that overflows before a 0', file(entry('U8', [2 ** 40, 2 ** 40, 0], [0, 0])), 'overflows'],
    [
      'an offset beyond 2⁵³',
      file(i32.replace('[0,16]', '[9007199254740993,9007199254741009]')),
      'not a pair',
    ],
    [
      'an offset that is rounded to the right one',
      file(entry('U8', [1], [0, 1]).replace('1]}', '1.0]}'), [1]),
      'not a pair',
    ],
    [
      'ten tensors of the same bytes',
      file(
        `{${Array.from({ length: 10 }, (_, i) => `"weight_${i}":${i32.slice(8, -1)}`).join(',')}}`,
        zeros16,
      ),
      'overlaps the one that ends at 16',
    ],
    [
      'a partial overlap',
      file(`{"a":${u8.replace('[1]', '[2]').replace('0,1', '0,2')},"b":${u8.replace('0,1', '1,2')}}`, [1, 2]),
      'overlaps',
    ],
    ['a hole', file(`{"a":${u8},"b":${u8.replace('0,1', '2,3')}}`, [1, 2, 3]), 'leaves a hole'],
    ['a hole in front', file(`{"a":${u8.replace('0,1', '1,2')}}`, [1, 2]), 'leaves a hole'],
    ['an empty tensor beyond the end', file(entry('U8', [0], [8, 8])), 'leaves a hole'],
  ]

  test.each(cases)('%s', (_, bytes, message) => {
    expect(() => loadSafetensors(bytes)).toThrow(SafetensorsError)
    expect(() => loadSafetensors(bytes)).toThrow(message)
  })

  test("127 levels are read, as by the format's own library", () => {
    expect(Object.keys(loadSafetensors(nested(125)))).toEqual(['a'])
  })

  test('there are all of them, and every message is one short line', () => {
    expect(cases.length).toBeGreaterThan(60)
    const long = `{${JSON.stringify('new\nline'.repeat(1000))}:${u8.replace('U8', 'X\\n'.repeat(500))}}`
    for (const bytes of [...cases.map((each) => each[1]), file(long, [1])]) {
      const message = messageOf(() => loadSafetensors(bytes))
      expect(message.startsWith('safetensors: ')).toBe(true)
      expect(message).not.toContain('\n')
      expect(message.length).toBeLessThan(450)
    }
  })

  test('anything but bytes', () => {
    for (const value of ['{}', null, new ArrayBuffer(10), [1, 2]]) {
      expect(() => loadSafetensors(value as unknown as Uint8Array)).toThrow(TypeError)
    }
  })

  test('a good file cut at any byte, or with a byte appended', () => {
    const good = saveSafetensors({
      a: new Tensor(Float32Array.of(1, 2), [2]),
      b: new Tensor(Uint8Array.of(3), [1]),
    })
    for (let end = 0; end < good.length; end++) {
      expect(() => loadSafetensors(good.subarray(0, end)), `cut at ${end}`).toThrow(SafetensorsError)
    }
    expect(() => loadSafetensors(Uint8Array.of(...good, 0))).toThrow('something is appended')
  })
})

function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

describe('large and hostile headers end quickly', () => {
  const deep = (open: string) => file(open.repeat(1_000_000))
  const cases: [string, () => Uint8Array, string][] = [
    ['a million levels of lists', () => deep('['), 'at most 127 levels'],
    ['a million levels of objects', () => deep('{"a":'), 'at most 127 levels'],
    ['a million escaped quotes', () => file(`{"${'\\"'.repeat(1_000_000)}`), 'a string with a closing'],
    [
      'two million backslashes',
      () => file(`{"${'\\'.repeat(2_000_000)}":1}`),
      'its entry is not a JSON object',
    ],
    ['a number of ten million digits', () => file(`{"a":${'9'.repeat(10_000_000)}}`), 'not JSON'],
    ['ten million spaces', () => file(' '.repeat(10_000_000)), 'a value, found its end'],
    [
      'a million extents of 1',
      () => file(`{"a":{"dtype":"U8","shape":[${'1,'.repeat(1_000_000)}2],"data_offsets":[0,1]}}`, [1]),
      'takes 2 bytes',
    ],
    [
      'an empty tensor of 2⁵³ − 1 rows',
      () => file('{"a":{"dtype":"U8","shape":[0,9007199254740991],"data_offsets":[0,1]}}', [1]),
      'takes 0 bytes',
    ],
  ]
  test.each(cases)('%s', (_, make, message) => {
    const bytes = make()
    // Of this process: other programs may keep the machine busy.
    const start = process.cpuUsage()
    expect(() => loadSafetensors(bytes)).toThrow(message)
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1e6, 'seconds').toBeLessThan(5)
  })
})

describe('what cannot be written', () => {
  const x = tensor(Uint8Array.of(1))

  test('a name or metadata that the format cannot hold', () => {
    expect(() => saveSafetensors({ __metadata__: x })).toThrow('no tensor can be named __metadata__')
    expect(() => saveSafetensors({ '\ud800': x })).toThrow('unpaired surrogate')
    expect(() => saveSafetensors({ x }, { k: '\udc00' })).toThrow('unpaired surrogate')
    expect(() => saveSafetensors({ x }, { '\udc00': '' })).toThrow('unpaired surrogate')
    expect(() => saveSafetensors({ x }, { k: 'a'.repeat(100_000_000) })).toThrow('at most 100000000')
  })

  test('values of another kind', () => {
    expect(() => saveSafetensors({ x: [1] as unknown as Tensor })).toThrow('"x" is not a tensor')
    expect(() => saveSafetensors({ x }, { k: 1 as unknown as string })).toThrow(
      'metadata "k" is not a string',
    )
  })
})
