import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { type DType, full, ones, Tensor, tensor, zeros } from './index.ts'

/** Float16Array of Node 24: no type of ours knows it. */
const { Float16Array } = globalThis as unknown as {
  Float16Array: new (values: number[]) => Uint8ClampedArray
}

describe('typed arrays that no dtype is named after get the next that holds them', () => {
  test.each([
    [Uint8ClampedArray.of(0, 255), 'uint8', [0, 255]],
    [Int8Array.of(-128, 127), 'int32', [-128, 127]],
    [Int16Array.of(-32768, 32767), 'int32', [-32768, 32767]],
    [Uint16Array.of(0, 65535), 'int32', [0, 65535]],
    [Uint32Array.of(0, 4294967295), 'int64', [0, 4294967295]],
    [BigUint64Array.of(0n, 2n ** 53n - 1n), 'int64', [0, 2 ** 53 - 1]],
    [new Float16Array([0.5, -65504]), 'float32', [0.5, -65504]],
    [Buffer.from([1, 2]), 'uint8', [1, 2]],
  ])('%o', (values, dtype, expected) => {
    const x = tensor(values as Uint8Array)
    expect([x.dtype, x.shape, x.toArray()]).toEqual([dtype, [2], expected])
    values[0] = values[1]
    expect(x.toArray()).toEqual(expected)
    const wide = tensor(values as Uint8Array, [2, 1], { dtype: 'float64' })
    expect([wide.dtype, wide.toArray()]).toEqual(['float64', [[expected[1]], [expected[1]]]])
  })

  test('what does not fit is refused', () => {
    expect(() => tensor(BigUint64Array.of(1n, 2n ** 63n))).toThrow(
      'element 1 is 9223372036854775808, which int64',
    )
    expect(() => tensor(Int16Array.of(1, -1), [2], { dtype: 'uint8' })).toThrow(
      'element 1 is -1, which uint8',
    )
  })
})

describe('bytes are read as elements, not converted', () => {
  const floats = Float32Array.of(1.5, -2, 3)

  test('of float32, or the dtype that is told', () => {
    const x = tensor(floats.buffer)
    expect([x.dtype, x.shape, x.toArray()]).toEqual(['float32', [3], [1.5, -2, 3]])
    expect(x.data.buffer).not.toBe(floats.buffer)
    expect(tensor(floats.buffer, [3, -1]).shape).toEqual([3, 1])
    const bytes = tensor(floats.buffer, undefined, { dtype: 'uint8' })
    expect([bytes.shape, [...bytes.data.subarray(0, 4)]]).toEqual([[12], [0, 0, 0xc0, 0x3f]])
    const wide = BigInt64Array.of(-5n, 2n ** 62n)
    expect([...tensor(wide.buffer, undefined, { dtype: 'int64' }).data]).toEqual([...wide])
  })

  test('shared ones too, and NaN keeps its bits', () => {
    const shared = new SharedArrayBuffer(4)
    new Uint32Array(shared)[0] = 0x7fc12345
    const { data } = tensor(shared)
    expect(new Uint32Array(data.buffer)[0]).toBe(0x7fc12345)
    expect(data.buffer).toBeInstanceOf(ArrayBuffer)
  })

  test('a number of bytes that is none of elements is refused', () => {
    expect(() => tensor(new ArrayBuffer(6))).toThrow(
      'tensor(): an ArrayBuffer of 6 bytes holds no whole number of float32, of 4 bytes each; give { dtype }',
    )
    expect(() => tensor(floats.buffer, [4])).toThrow('shape [4] does not hold 3 elements')
  })
})

test('typed arrays and buffers of another realm are as our own', () => {
  const made = (code: string): never => runInNewContext(code) as never
  expect(tensor(made('Float64Array.of(1.5)')).dtype).toBe('float64')
  expect(tensor(made('Uint8ClampedArray.of(7)')).toArray()).toEqual([7])
  expect(tensor(made('BigInt64Array.of(7n)')).dtype).toBe('int64')
  expect(tensor(made('Float32Array.of(1.5, 2).buffer')).toArray()).toEqual([1.5, 2])
  expect(tensor(made('[[1, 2], [3, 4]]')).toArray()).toEqual([[1, 2], [3, 4]]) // biome-ignore format: a matrix
  const x = tensor(made('Float32Array.of(1, 2)'))
  expect(x.data).toBeInstanceOf(Float32Array)
  const foreign = made('Float32Array.of(1, 2)') as Float32Array
  const shared = new Tensor<'float32'>(foreign, [2])
  foreign[0] = 5
  expect([shared.dtype, shared.toArray(), zeros(made('[2]')).shape]).toEqual(['float32', [5, 2], [2]])
  expect(zeros([1], made('({ dtype: "int32" })')).dtype).toBe('int32')
})

describe('what is refused names what came, and what to do', () => {
  const any = (value: unknown): never => value as never

  test.each([
    [() => tensor([1], any({ dtype: 'int32' })), 'tensor(): shape is an object, expected a list such as [2, 3]; options come behind it'],
    [() => tensor([1], any(1)), 'tensor(): shape is 1, expected a list such as [2, 3]'],
    [() => tensor([1], [1], any('int32')), "tensor(): argument 3 is 'int32', expected an object of options, as { dtype: 'int32' }"],
    [() => tensor([1], [1], any({ dtpye: 'int32' })), 'tensor(): there is no option dtpye, did you mean dtype?'],
    [() => tensor([1], [1], any({ dtype: 'float16' })), 'dtype float16 is not one of float32, float64, int32, int64, uint8'],
    [() => tensor([1], [1], any({ dtype: 'toString' })), 'dtype toString is not one of'],
    [() => tensor([1], [1], any({ dtype: null })), 'dtype null is not one of'],
    [() => zeros(any(2), any(3)), 'zeros(): shape is 2, expected a list such as [2, 3]'],
    [() => zeros([2], any(3)), 'zeros(): argument 2 is 3, expected an object of options'],
    [() => zeros([2], any(null)), 'zeros(): argument 2 is null'],
    [() => zeros([2], any({ type: 'int32' })), 'zeros(): there is no option type, did you mean dtype?'],
    [() => ones(any(undefined)), 'ones(): shape is undefined'],
    [() => ones(any('2')), "ones(): shape is '2'"],
    [() => ones([2], any('int32')), "ones(): argument 2 is 'int32'"],
    [() => ones([2, 1.5]), 'shape [2,1.5] has an extent that is not a whole number ≥ 0'],
    [() => full(any(2), 3), 'full(): shape is 2'],
    [() => full([2], any(undefined)), 'full(): value is undefined, expected a number'],
    [() => full([2], any('3')), "full(): value is '3', expected a number"],
    [() => full([2], 3, any('int32')), "full(): argument 3 is 'int32'"],
    [() => zeros([2]).reshape(any(2)), 'reshape(): shape is 2, expected a list such as [2, 3]'],
    [() => new Tensor(Float32Array.of(1), any(1)), 'new Tensor(): shape is 1'],
    [() => new Tensor(any([1]), [1]), 'new Tensor(): data is an array, expected a Float32Array, Float64Array, Int32Array, BigInt64Array or Uint8Array; tensor() takes more'],
    [() => new Tensor(any(Int16Array.of(1)), [1]), 'new Tensor(): data is an Int16Array'],
  ])('%o', (make, message) => {
    expect(make).toThrow(message)
    expect(make).not.toThrow(/undefined is not|not a function|Cannot/)
  }) // biome-ignore format: one line a case

  test('a tensor that no memory holds', () => {
    expect(() => zeros([2 ** 30, 2 ** 30])).toThrow(RangeError)
    expect(() => zeros([2 ** 30, 2 ** 30])).toThrow('elements of float32 are more than memory can hold')
  })
})

test('full refuses what its dtype would cut or wrap, as tensor() does', () => {
  const make = (value: number | bigint, dtype: DType) => () => full([2], value, { dtype })
  expect(make(300, 'uint8')).toThrow('full(): value is 300, which uint8 cannot hold')
  expect(make(-1, 'uint8')).toThrow(RangeError)
  expect(make(1.5, 'int32')).toThrow('full(): value is 1.5, which int32 cannot hold')
  expect(make(2 ** 31, 'int32')).toThrow('value is 2147483648')
  expect(make(0.5, 'int64')).toThrow('full(): value is 0.5, which int64 cannot hold')
  expect(make(NaN, 'int64')).toThrow('value is NaN')
  expect(make(2 ** 63, 'int64')).toThrow('which int64 cannot hold')
  expect([...make(2n ** 63n - 1n, 'int64')().data]).toEqual([2n ** 63n - 1n, 2n ** 63n - 1n])
  expect([...make(-(2 ** 31), 'int32')().data]).toEqual([-(2 ** 31), -(2 ** 31)])
  expect([...make(255, 'uint8')().data]).toEqual([255, 255])
  expect([...make(0.1, 'float32')().data]).toEqual([Math.fround(0.1), Math.fround(0.1)])
  expect([...make(NaN, 'float64')().data]).toEqual([NaN, NaN])
  expect(() => full([0], 300, { dtype: 'uint8' })).toThrow('value is 300')
})
