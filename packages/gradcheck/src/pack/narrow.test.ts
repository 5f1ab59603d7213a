import { loadSafetensors, type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it, test } from 'vitest'
import { narrowest, saveNarrow } from './narrow.ts'
import { readNpz, writeNpz } from './npz.ts'

const whole = (...values: number[]): Tensor<'int32'> => tensor(Int32Array.from(values))

test.each([
  [1, whole(-128, 127, 0)],
  [2, whole(128)],
  [2, whole(-129)],
  [2, whole(-32768, 32767)],
  [4, whole(32768)],
  [4, whole(1, -32769)],
  [4, whole(256 * 65536)],
  [1, whole()],
])('takes %i bytes an element', (bytes, x) => {
  const { data, shape } = narrowest(x)
  expect([data.BYTES_PER_ELEMENT, shape, [...data]]).toEqual([bytes, x.shape, [...x.data]])
})

describe('a file of tensors and whole numbers', () => {
  const truths = {
    y: tensor([[1.5, -2]], undefined, { dtype: 'float64' }),
    dx: tensor([3], [1], { dtype: 'float64' }),
  }
  const steps = {
    'steps/a': narrowest(whole(1, -1, 7)),
    'steps/b': narrowest(whole(70_000)),
    'steps/c': narrowest(whole(300)),
  }
  const bytes = saveNarrow(truths, steps)

  it('has the largest first, each behind the one before, at a multiple of its size', () => {
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    expect(length % 8).toBe(0)
    const text = new TextDecoder().decode(bytes.subarray(8, 8 + length))
    expect(text).toMatch(/^\{.*\} *$/)
    expect(JSON.parse(text)).toEqual({
      dx: { dtype: 'F64', shape: [1], data_offsets: [0, 8] },
      y: { dtype: 'F64', shape: [1, 2], data_offsets: [8, 24] },
      'steps/b': { dtype: 'I32', shape: [1], data_offsets: [24, 28] },
      'steps/c': { dtype: 'I16', shape: [1], data_offsets: [28, 30] },
      'steps/a': { dtype: 'I8', shape: [3], data_offsets: [30, 33] },
    })
    expect(bytes.length).toBe(8 + length + 33)
  })

  it('has a header that begins at once and is filled with spaces, whatever its length', () => {
    const headers = Array.from({ length: 8 }, (_, i) => {
      const file = saveNarrow({}, { ['x'.repeat(i + 1)]: narrowest(whole(7)) })
      return new TextDecoder().decode(file.subarray(8, -1))
    })
    for (const header of headers)
      expect(header).toMatch(/^\{"x+":\{"dtype":"I8","shape":\[1\],"data_offsets":\[0,1\]\}\} *$/)
    expect(new Set(headers.map((header) => header.length - header.trimEnd().length)).size).toBe(8)
  })

  it('comes back, from npz too', () => {
    const values = (record: Record<string, Tensor<never>>) =>
      Object.fromEntries(Object.entries(record).map(([name, x]) => [name, [x.shape, [...x.data]]]))
    const expected = {
      y: [
        [1, 2],
        [1.5, -2],
      ],
      dx: [[1], [3]],
      'steps/a': [[3], [1, -1, 7]],
      'steps/b': [[1], [70_000]],
      'steps/c': [[1], [300]],
    }
    expect(values(loadSafetensors(bytes) as never)).toEqual(expected)
    const zipped = readNpz(writeNpz({ ...truths, ...steps }))
    expect(
      values(Object.fromEntries(Object.entries(zipped).map(([name, { tensor: x }]) => [name, x])) as never),
    ).toEqual(expected)
    expect(Object.fromEntries(Object.entries(zipped).map(([name, { dtype }]) => [name, dtype]))).toEqual({
      y: 'float64',
      dx: 'float64',
      'steps/a': 'int8',
      'steps/b': 'int32',
      'steps/c': 'int16',
    })
  })

  it('is of tensors alone, of whole numbers alone, and of nothing', () => {
    expect(Object.keys(loadSafetensors(saveNarrow(truths, {})))).toEqual(['dx', 'y'])
    expect([...loadSafetensors(saveNarrow({}, { a: narrowest(whole(5)) }))['a'].data]).toEqual([5])
    expect(loadSafetensors(saveNarrow({}, {}))).toEqual(Object.create(null))
  })
})
