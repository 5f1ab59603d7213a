import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { Tensor } from '@handgrad/tensor'
import { TensorProto_DataLocation, TensorProtoSchema, TensorProto_DataType as Type } from 'onnx-buf'
import { describe, expect, it, test } from 'vitest'
import { fromTensorProto, type OtherFiles, toTensorProto, wholeNumbers } from './tensors.ts'

type Parts = MessageInitShape<typeof TensorProtoSchema>

const proto = (dataType: number, dims: number[], rest: Parts) =>
  create(TensorProtoSchema, { name: 'w', dataType, dims: dims.map(BigInt), ...rest })
const bytes = (data: ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
const read = (dataType: number, rest: Parts): number[] =>
  Array.from(fromTensorProto(proto(dataType, [2], rest), null).data)

describe('numbers, as bytes and one by one', () => {
  // 1.5 and −2 as 16-bit patterns.
  const half = [0x3e00, 0xc000]
  const brain = [0x3fc0, 0xc000]
  it.each<[string, number, Parts]>([
    ['FLOAT bytes', Type.FLOAT, { rawData: bytes(Float32Array.of(1.5, -2)) }],
    ['FLOAT list', Type.FLOAT, { floatData: [1.5, -2] }],
    ['DOUBLE bytes', Type.DOUBLE, { rawData: bytes(Float64Array.of(1.5, -2)) }],
    ['DOUBLE list', Type.DOUBLE, { doubleData: [1.5, -2] }],
    ['FLOAT16 bytes', Type.FLOAT16, { rawData: bytes(Uint16Array.from(half)) }],
    ['FLOAT16 list', Type.FLOAT16, { int32Data: half }],
    ['BFLOAT16 bytes', Type.BFLOAT16, { rawData: bytes(Uint16Array.from(brain)) }],
    ['BFLOAT16 list', Type.BFLOAT16, { int32Data: brain }],
  ])('%s', (name, type, rest) => {
    expect(read(type, rest)).toEqual([1.5, -2])
    expect(fromTensorProto(proto(type, [2], rest), null).dtype).toBe(
      name.startsWith('DOUBLE') ? 'float64' : 'float32',
    )
  })

  it.each<[string, number, Parts]>([
    ['INT64 bytes', Type.INT64, { rawData: bytes(BigInt64Array.of(1n, 0n)) }],
    ['INT64 list', Type.INT64, { int64Data: [1n, 0n] }],
    ['INT32 bytes', Type.INT32, { rawData: bytes(Int32Array.of(1, 0)) }],
    ['INT32 list', Type.INT32, { int32Data: [1, 0] }],
    ['BOOL bytes', Type.BOOL, { rawData: Uint8Array.of(1, 0) }],
    ['BOOL list', Type.BOOL, { int32Data: [1, 0] }],
  ])('%s', (_, type, rest) => {
    expect(wholeNumbers(proto(type, [2], rest), null)).toEqual([1, 0])
  })

  it('no numbers at all are a shape with a 0', () => {
    expect(fromTensorProto(proto(Type.FLOAT, [0, 3], {}), null).shape).toEqual([0, 3])
  })
})

test('what is written is read again, and shares nothing with it', () => {
  const data = Float32Array.of(9, 1, 2, 3)
  const given = new Tensor(data.subarray(1), [3, 1])
  const written = toTensorProto('w', given)
  data.fill(0)
  const { shape, data: again } = fromTensorProto(written, null)
  expect([shape, [...again]]).toEqual([
    [3, 1],
    [1, 2, 3],
  ])
  again[0] = 5
  expect(fromTensorProto(written, null).data[0]).toBe(1)
})

describe('numbers in a file beside the model', () => {
  const file = bytes(Float32Array.of(7, 8, 9))
  const files: OtherFiles = (location) => {
    if (location !== 'a.data') throw new Error('no such file or directory')
    return file
  }
  const external = (entries: Record<string, string>, dims = [1]) =>
    proto(Type.FLOAT, dims, {
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    })

  it.each<[entries: Record<string, string>, values: number[]]>([
    [{ location: 'a.data' }, [7, 8, 9]],
    [{ location: 'a.data', offset: '4' }, [8, 9]],
    [{ location: 'a.data', length: '8' }, [7, 8]],
    [{ location: 'a.data', offset: '8', length: '4' }, [9]],
    [{ location: 'a.data', offset: '4', length: '0' }, []],
  ])('%j', (entries, values) => {
    expect([...fromTensorProto(external(entries, [values.length]), files).data]).toEqual(values)
  })

  it.each<[entries: Record<string, string>, message: string]>([
    [{ location: 'a.data', offset: '4', length: '12' }, 'takes 12 bytes from 4 on of "a.data", which has 12'],
    [{ location: 'a.data', offset: '16' }, 'takes -4 bytes from 16 on of "a.data", which has 12'],
    [{ location: 'a.data', offset: '-1', length: '4' }, 'takes 4 bytes from -1 on of "a.data"'],
    [{ location: 'a.data', length: 'x' }, 'takes NaN bytes from 0 on of "a.data"'],
    [{ location: 'a.data', length: '4', offset: '4' }, 'has 1 elements and the shape [3]'],
    [{ location: 'b.data' }, 'lies in another file, "b.data": no such file or directory'],
    [{}, 'lies in another file, "": no such file or directory'],
  ])('%j is refused', (entries, message) => {
    expect(() => fromTensorProto(external(entries, [3]), files)).toThrow(`ONNX: the constant "w" ${message}`)
  })

  it('no file is read where none can be', () => {
    expect(() => fromTensorProto(external({ location: 'a.data' }), null)).toThrow(
      'the constant "w" lies in another file; save the model with its data inside',
    )
  })
})

test('a shape that the numbers do not fill is named, cut when it is long', () => {
  const said = (dims: number[]): string => {
    try {
      fromTensorProto(proto(Type.FLOAT, dims, { floatData: [1, 2] }), null)
    } catch (error) {
      return (error as Error).message
    }
    return 'nothing was refused'
  }
  expect(said([3])).toBe('ONNX: the constant "w" has 2 elements and the shape [3]')
  expect(said(new Array(50).fill(1))).toBe(
    `ONNX: the constant "w" has 2 elements and the shape [${'1,'.repeat(40)}]`,
  )
})

test('another type is refused with those that are read', () => {
  expect(() => fromTensorProto(proto(Type.INT64, [1], { int64Data: [1n] }), null)).toThrow(
    'the constant "w" has the type INT64, expected FLOAT, FLOAT16, DOUBLE, BFLOAT16',
  )
  expect(() => wholeNumbers(proto(Type.FLOAT, [1], { floatData: [1] }), null)).toThrow(
    'the constant "w" has the type FLOAT, expected INT32, INT64, BOOL',
  )
  expect(() => fromTensorProto(proto(99, [1], {}), null)).toThrow('has the type 99, expected')
})
