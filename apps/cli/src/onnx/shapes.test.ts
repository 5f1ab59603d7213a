import { create } from '@bufbuild/protobuf'
import { Conv1d, Conv2d, Flatten, Linear, ReLU } from '@handgrad/layers'
import { ValueInfoProtoSchema } from 'onnx-buf'
import { expect, test } from 'vitest'
import { inputShape, sampleSize, shapeAfter } from './shapes.ts'

type Extent = number | string | null

/** The input of a graph as files have it; an extent may be a name, or left out. */
const input = (extents: readonly Extent[] | undefined) =>
  create(ValueInfoProtoSchema, {
    name: 'x',
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: 1,
          ...(extents !== undefined && {
            shape: {
              dim: extents.map((extent) => {
                if (extent === null) return {}
                return typeof extent === 'string'
                  ? { value: { case: 'dimParam' as const, value: extent } }
                  : { value: { case: 'dimValue' as const, value: BigInt(extent) } }
              }),
            },
          }),
        },
      },
    },
  })

test('extents that a file does not say, or says to be 0 or less, are not known', () => {
  expect(inputShape(input(['N', 1, 28, 28]))).toEqual([null, 1, 28, 28])
  expect(inputShape(input([4, null, 0, -1]))).toEqual([4, null, null, null])
  // A name may be a number.
  expect(inputShape(input(['5', '6', 7]))).toEqual([null, null, 7])
  expect(inputShape(input(undefined))).toBeNull()
  expect(inputShape(create(ValueInfoProtoSchema, { name: 'x' }))).toBeNull()
  expect(inputShape(input([3, 5]))).toEqual([3, 5])
})

test.each([[[]], [[3]]])('an input of the extents %j has no axis of images and one more', (extents) => {
  expect(() => inputShape(input(extents))).toThrow(
    `the graph's input has ${extents.length} axes, expected 2 or more: images come first`,
  )
})

test('the elements of one image, where all of its extents are known', () => {
  expect(sampleSize([null, 2, 3, 5])).toBe(30)
  expect(sampleSize([7, 4])).toBe(4)
  expect(sampleSize([7, 2, null, 5])).toBeNull()
  expect(sampleSize(null)).toBeNull()
})

test('a layer changes what is known; the number of images stays', () => {
  const conv = new Conv2d(1, 4, 3)
  const linear = new Linear(6, 5, { dtype: 'float64' })
  expect(shapeAfter(conv, [null, 1, 6, 7])).toEqual([null, 4, 4, 5])
  expect(shapeAfter(conv, [9, 1, 6, 7])).toEqual([9, 4, 4, 5])
  expect(shapeAfter(conv, [9, 1, null, 7])).toEqual([9, null, null, null])
  expect(shapeAfter(conv, null)).toBeNull()
  expect(shapeAfter(new Conv1d(2, 5, 3), [null, 2, 8])).toEqual([null, 5, 6])
  expect(shapeAfter(new Conv1d(2, 5, 3), [null, 2, null])).toEqual([null, null, null])
  expect(shapeAfter(linear, [9, 6])).toEqual([9, 5])
  expect(shapeAfter(linear, [9, null, 6])).toEqual([9, null, 5])
  expect(shapeAfter(new Flatten(), [9, 2, 3, 4])).toEqual([9, 24])
  expect(shapeAfter(new Flatten(), [9, 2, null, 4])).toEqual([9, null])
  expect(shapeAfter(new Flatten(), null)).toEqual([null, null])
  expect(shapeAfter(new ReLU(), [9, null, 4])).toEqual([9, null, null])
  expect(() => shapeAfter(conv, [9, 2, 6, 7])).toThrow('input has 2 channels, expected 1')
})
