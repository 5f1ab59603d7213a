import { type DType, Tensor, tensor } from '@handgrad/tensor'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { readNpy, writeNpy } from './npy.ts'
import { readNpz, writeNpz } from './npz.ts'

/** A file as NumPy would write it. */
function npy(header: string, data: Uint8Array | ArrayBufferView, version = 1): Uint8Array {
  const text = `${header}\n`
  const lead =
    version === 1
      ? [text.length & 255, text.length >> 8]
      : [text.length & 255, (text.length >> 8) & 255, text.length >> 16, 0]
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const head = [0x93, ...new TextEncoder().encode('NUMPY')]
  return Uint8Array.from([...head, version, 0, ...lead, ...new TextEncoder().encode(text), ...bytes])
}

const dict = (descr: string, fortran: boolean, shape: string): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`

describe('an array of NumPy', () => {
  it('is written as np.save writes it', () => {
    const bytes = writeNpy(tensor([[1, 2, 3]]))
    const text = new TextDecoder('latin1').decode(bytes.subarray(0, 128))
    expect(bytes.length).toBe(128 + 12)
    expect(text.slice(1, 6)).toBe('NUMPY')
    expect([...bytes.subarray(6, 10)]).toEqual([1, 0, 118, 0])
    expect(text.slice(10)).toBe(
      `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }`.padEnd(117) + '\n',
    )
  })

  it.each<[string, Tensor<DType>]>([
    ['(3,)', tensor([1.5, -2, 3])],
    ['()', tensor(7)],
    ['(0, 2)', tensor([], [0, 2])],
    ['float64', tensor([0.1, NaN], [2], { dtype: 'float64' })],
    ['int64', new Tensor(BigInt64Array.of(-1n, 2n), [2, 1])],
    ['int32', new Tensor(Int32Array.of(-1, 2), [2])],
    ['uint8', new Tensor(Uint8Array.of(255), [1])],
  ])('comes back: %s', (_, x) => {
    const { tensor: back, dtype } = readNpy(writeNpy(x))
    expect([dtype, back.shape, [...back.data]]).toEqual([x.dtype, x.shape, [...x.data]])
  })

  it('has room for a header of any length', () => {
    const lengths = Array.from({ length: 70 }, (_, rank) => {
      const x = tensor([7], new Array<number>(rank).fill(1))
      const bytes = writeNpy(x)
      const start = bytes.length - 4
      expect([start % 64, bytes[start - 1], bytes[8] + 256 * bytes[9]]).toEqual([0, 10, start - 10])
      expect(readNpy(bytes).tensor).toMatchObject({ shape: x.shape, data: Float32Array.of(7) })
      return start
    })
    expect(new Set(lengths).size).toBeGreaterThan(1)
  })

  it('is of a part of a buffer, and read from one', () => {
    const bytes = writeNpy(new Tensor(Float32Array.of(9, 1, 2).subarray(1), [2]))
    expect([...readNpy(bytes).tensor.data]).toEqual([1, 2])
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    expect([...readNpy(shifted.subarray(3)).tensor.data]).toEqual([1, 2])
  })

  it('may have a header of more than 65535 bytes from version 2 on', () => {
    const long = npy(dict('<f4', false, '(1,)').padEnd(70_000), Float32Array.of(5), 2)
    expect([...readNpy(long).tensor.data]).toEqual([5])
  })

  it('is turned where its first index runs fastest, as that of a transposed one does', () => {
    const columns = npy(dict('<f4', true, '(2, 3)'), Float32Array.of(1, 4, 2, 5, 3, 6))
    expect(readNpy(columns).tensor).toMatchObject({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) })
    const cube = npy(dict('<f8', true, '(2, 1, 3)'), Float64Array.of(0, 3, 1, 4, 2, 5))
    expect([...readNpy(cube).tensor.data]).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('may hold halves, with every kind of number', () => {
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0x3555)
    const { tensor: x, dtype } = readNpy(npy(dict('<f2', false, '(9,)'), bits))
    expect(dtype).toBe('float16')
    const values = [1, -2, 65504, 2 ** -24, -0, Infinity, -Infinity, NaN, 0.333251953125]
    expect([...x.data]).toEqual(values)
  })

  it('may hold what ml_dtypes writes for bfloat16, in any version of the format', () => {
    const { tensor: x, dtype } = readNpy(npy(dict('<V2', false, '(2,)'), Uint16Array.of(0x3f80, 0xc040), 2))
    expect([dtype, [...x.data]]).toEqual(['bfloat16', [1, -3]])
    const other = readNpy(npy(dict('|V2', false, '(1,)'), Uint16Array.of(0x3f80)))
    expect([other.dtype, [...other.tensor.data]]).toEqual(['bfloat16', [1]])
  })

  it.each([
    ['no .npy file', new Uint8Array(20)],
    ["type is '>f4', expected one of <f8", npy(dict('>f4', false, '(1,)'), Float32Array.of(1))],
    ["type is '<c8'", npy(dict('<c8', false, '(1,)'), Float64Array.of(1))],
    ["type is 'toString'", npy(dict('toString', false, '(1,)'), Float64Array.of(1))],
    ['has 8 bytes, shape (3) takes 12', npy(dict('<f4', false, '(3,)'), Float32Array.of(1, 2))],
    ['shape is (-1,)', npy(dict('<f4', false, '(-1,)'), Float32Array.of(1))],
    ['shape is (1.5,)', npy(dict('<f4', false, '(1.5,)'), new Uint8Array(6))],
    ['no .npy file', npy('', new Uint8Array(0))],
    ['cut off in its header', npy(dict('<f4', false, '(0,)'), new Uint8Array(0)).subarray(0, -1)],
    ['not understood: hello', npy('hello', Float32Array.of(1))],
    ['cut off', npy(dict('<f4', false, '(1,)'), Float32Array.of(1)).subarray(0, 40)],
  ])('is refused: %s', (message, bytes) => {
    expect(() => readNpy(bytes)).toThrow(message)
  })
})

describe('an archive', () => {
  it('has every tensor, the same bytes whenever it is made and in whatever order', () => {
    const [a, b] = [tensor([1, 2]), tensor(3)]
    const bytes = writeNpz({ 'float32/y': a, __proto__x: b })
    expect(bytes).toEqual(writeNpz({ __proto__x: b, 'float32/y': a }))
    // The first of January 1980, 0:00, in the words of a zip archive.
    expect([...bytes.subarray(10, 14)]).toEqual([0, 0, 0x21, 0])
    expect(Object.keys(readNpz(bytes)).sort()).toEqual(['__proto__x', 'float32/y'])
    expect([...readNpz(bytes)['float32/y'].tensor.data]).toEqual([1, 2])
  })

  it('is refused where it is none, and names the array that is wrong', () => {
    expect(() => readNpz(Uint8Array.of(1, 2, 3))).toThrow('no zip archive')
    expect(() => readNpz(zipSync({ 'dx.npy': new Uint8Array(30) }))).toThrow(
      "array 'dx': this is no .npy file",
    )
  })
})
