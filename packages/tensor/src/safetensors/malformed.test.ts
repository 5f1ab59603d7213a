import { describe, expect, test } from 'vitest'
import {
  type DType,
  loadSafetensors,
  readSafetensors,
  SafetensorsError,
  saveSafetensors,
  Tensor,
} from '../index.ts'
import { file, utf8, zeros16 } from './test/files.ts'

test('an error names itself, and keeps its cause', () => {
  const cause = new Error('cut')
  const error = new SafetensorsError('no header', { cause })
  expect([String(error), error.cause]).toEqual(['SafetensorsError: safetensors: no header', cause])
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
