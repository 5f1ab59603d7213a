import { describe, expect, test } from 'vitest'
import { type DType, loadSafetensors, readSafetensors, saveSafetensors, Tensor, tensor } from '../index.ts'
import { file, latin1 } from './test/files.ts'

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
    expect(() => saveSafetensors({ x: [1] as unknown as Tensor })).toThrow(
      'safetensors: "x" is an array, expected a Tensor',
    )
    expect(() => saveSafetensors(new Map([['x', tensor([1])]]) as never)).toThrow(
      'safetensors: the record is a Map, expected tensors by name',
    )
    for (const metadata of ['xy', 5, null, ['a']])
      expect(() => saveSafetensors({ x: tensor([1]) }, metadata as never)).toThrow(
        'safetensors: metadata is ',
      )
    expect(() => saveSafetensors({ x: null as never })).toThrow('safetensors: "x" is null, expected a Tensor')
    expect(() => saveSafetensors(undefined as never)).toThrow(
      'safetensors: the record is undefined, expected tensors',
    )
    expect(() => saveSafetensors({ x }, { k: 1 as unknown as string })).toThrow(
      'metadata "k" is not a string',
    )
  })
})
