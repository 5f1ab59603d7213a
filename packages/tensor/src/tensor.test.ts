import { describe, expect, test } from 'vitest'
import { type DType, dtypes, full, ones, Tensor, type TensorSource, tensor, zeros } from './index.ts'

describe('tensor()', () => {
  test('takes a number, nested arrays or a typed array', () => {
    expect(tensor(3)).toEqual(new Tensor(Float32Array.of(3), []))
    expect(tensor([[1, 2, 3], [4, 5, 6]])).toEqual(new Tensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3])) // biome-ignore format: a matrix
    expect(tensor([[], []]).shape).toEqual([2, 0])
    expect(tensor(Float32Array.of(1, 2, 3, 4), [2, -1]).shape).toEqual([2, 2])
  })

  test.each([
    [Float32Array.of(1), 'float32'],
    [Float64Array.of(1), 'float64'],
    [Int32Array.of(1), 'int32'],
    [BigInt64Array.of(1n), 'int64'],
    [Uint8Array.of(1), 'uint8'],
  ] as const)('%o gives %s, and every other dtype when told', (values: TensorSource, dtype) => {
    expect(tensor(values as Float32Array).dtype).toBe(dtype)
    for (const wanted of dtypes) {
      const x = tensor(values, [1], { dtype: wanted })
      expect([x.dtype, x.item()]).toEqual([wanted, 1])
    }
  })

  test('copies, bit for bit', () => {
    const bits = Uint32Array.of(0x7fc12345, 0xff800001, 0x80000000)
    const values = new Float32Array(bits.buffer)
    const x = tensor(values)
    bits.fill(0)
    expect([...new Uint32Array(x.data.buffer)]).toEqual([0x7fc12345, 0xff800001, 0x80000000])
  })

  test.each([
    [[[1, 2], [3]], undefined, 'nested arrays differ in shape, [2] and [1]'],
    [[1, [2]], undefined, 'nested arrays differ in shape, [] and [1]'],
    [[1, 2], [3], 'shape [3] does not hold 2 elements'],
    [[1, 2], [2, 0], 'shape [2,0] does not hold 2 elements'],
    [[1, 2], [-1, 3], 'shape [-1,3] does not hold 2 elements'],
    [[1], [-1, -1], 'does not hold 1 elements'],
    [[], [0, -1], '-1 is ambiguous'],
    [[], [-1, 0], '-1 is ambiguous'],
    [[], [3, 0, -1], 'shape [3,0,-1]: -1 is ambiguous beside an extent of 0; give it'],
    [[1, 2], [0.5, 4], 'does not hold 2 elements'],
  ])('%j in shape %j is refused', (values, shape, message) => {
    expect(() => tensor(values as number[], shape)).toThrow(message)
    expect(() => tensor(values as number[], shape)).toThrow(RangeError)
  })

  test.each([
    ['abc', "element 0 is 'abc', expected a number"],
    [null, 'element 0 is null'],
    [undefined, 'element 0 is undefined'],
    [[[1, 2], [3, undefined]], 'element 3 is undefined'],
    [Array(2), 'element 0 is undefined'],
    [[true], 'element 0 is true'],
    [[1n], 'element 0 is 1n'],
    [ones([2]), 'element 0 is a Tensor, expected a number'],
    [[Float32Array.of(1)], 'element 0 is a Float32Array'],
    [{ length: 2 }, 'element 0 is an object'],
    [new DataView(new ArrayBuffer(4)), 'element 0 is a DataView'],
  ])('%o is refused', (values, message) => {
    expect(() => tensor(values as unknown as number[])).toThrow(`tensor(): ${message}`)
    expect(() => tensor(values as unknown as number[])).toThrow(TypeError)
  }) // biome-ignore format: a matrix

  test('a number that an integer dtype would cut or wrap is refused', () => {
    const make = (value: number, dtype: DType) => () => tensor([0, value], [2], { dtype })
    expect(make(1.5, 'int32')).toThrow('element 1 is 1.5, which int32 cannot hold')
    expect(make(256, 'uint8')).toThrow('element 1 is 256, which uint8 cannot hold')
    expect(make(-1, 'uint8')).toThrow('element 1 is -1, which uint8 cannot hold')
    expect(make(NaN, 'int32')).toThrow('element 1 is NaN')
    expect(make(2 ** 63, 'int64')).toThrow(/element 1 is 9223372036854776000, which int64/)
    expect(make(0.5, 'int64')).toThrow(RangeError)
    expect(make(-(2 ** 63), 'int64')().data[1]).toBe(-(2n ** 63n))
    expect(make(0.5, 'int64')).toThrow('element 1 is 0.5, which int64 cannot hold')
    expect(make(NaN, 'int64')).toThrow('element 1 is NaN, which int64 cannot hold')
    expect(make(-0, 'int64')().data[1]).toBe(0n)
    expect(make(0.1, 'float32')().data[1]).toBe(Math.fround(0.1))
    const wide = BigInt64Array.of(2n ** 53n + 1n)
    expect(() => tensor(wide, [1], { dtype: 'int32' })).toThrow('is 9007199254740993, which int32')
    expect(tensor(wide, [1], { dtype: 'float64' }).item()).toBe(2 ** 53)
  })
})

describe('Tensor', () => {
  test('the constructor shares its data and checks it', () => {
    const data = Float64Array.of(1, 2)
    const x = new Tensor<'float64'>(data, [2])
    data[0] = 5
    expect([x.g, x.toArray()]).toEqual([null, [5, 2]])
    expect(() => new Tensor(data, [3])).toThrow('shape [3] needs 3 elements, got 2')
    expect(() => new Tensor(data, [2, 0.5, 2])).toThrow('not a whole number')
    expect(() => new Tensor(data, [-1, -2])).toThrow('not a whole number')
    expect(() => new Tensor([1, 2] as unknown as Float64Array, [2])).toThrow(TypeError)
  })

  test('its shape is its own and fixed', () => {
    const shape = [2, 1]
    const x = zeros(shape)
    shape[0] = 7
    expect(x.shape).toEqual([2, 1])
    expect(() => (x.shape as number[]).push(1)).toThrow(TypeError)
  })

  test('reshape shares, clone does not, neither takes the gradient along', () => {
    const x = tensor([1, 2, 3, 4, 5, 6])
    x.g = ones([6])
    const [view, copy] = [x.reshape([2, -1]), x.clone()]
    x.data[5] = 9
    expect([view.toArray(), copy.toArray()]).toEqual([[[1, 2, 3], [4, 5, 9]], [1, 2, 3, 4, 5, 6]]) // biome-ignore format: arrays
    expect([view.g, copy.g]).toEqual([null, null])
    expect(() => x.reshape([4, -1])).toThrow('shape [4,-1] does not hold 6 elements')
  })

  test('item and toArray give numbers, or refuse what a number cannot hold', () => {
    expect(tensor([[[7]]]).item()).toBe(7)
    expect(tensor(BigInt64Array.of(2n ** 53n - 1n)).item()).toBe(2 ** 53 - 1)
    expect(() => tensor([1, 2]).item()).toThrow('exactly one element, the shape is [2]')
    expect(() => zeros([0]).item()).toThrow('exactly one element')
    expect(() => tensor(BigInt64Array.of(2n ** 53n)).item()).toThrow('9007199254740992 does not fit')
    expect(() => tensor(BigInt64Array.of(-(2n ** 60n))).toArray()).toThrow('does not fit')
    expect(zeros([2, 0, 3]).toArray()).toEqual([[], []])
  })
})

describe('zeros, ones, full', () => {
  test.each(dtypes)('of %s', (dtype) => {
    expect(zeros([2, 1], { dtype }).toArray()).toEqual([[0], [0]])
    expect(ones([2], { dtype }).toArray()).toEqual([1, 1])
    expect([full([], 7, { dtype }).item(), full([0], 7, { dtype }).dtype]).toEqual([7, dtype])
  })

  test('are float32 unless told, and refuse what is no shape or dtype', () => {
    expect([zeros([1]).dtype, ones([1]).dtype, full([1], 2).dtype]).toEqual(['float32', 'float32', 'float32'])
    expect(() => zeros([2, -1])).toThrow('shape [2,-1]')
    expect(() => zeros([1], { dtype: 'float16' as DType })).toThrow('float16 is not one of float32, float64')
  })
})
