import { Flatten, type Layer, Linear } from '@handgrad/layers'
import type { ValueInfoProto } from 'onnx-buf'
import { OnnxError } from './error.ts'

/** The extents of a value, the images' first, each null where the file does not say it; null without even their number. */
export type KnownShape = readonly (number | null)[] | null

/** @throws OnnxError for a graph whose input has no axis beside that of the images. */
export function inputShape({ type }: ValueInfoProto): KnownShape {
  const shape = type?.value.case === 'tensorType' ? type.value.value.shape : undefined
  if (shape === undefined) return null
  const extents = shape.dim.map(({ value }) =>
    value.case === 'dimValue' && value.value > 0n ? Number(value.value) : null,
  )
  if (extents.length < 2)
    throw new OnnxError(`the graph's input has ${extents.length} axes, expected 2 or more: images come first`)
  return extents
}

/** The elements of one image; null where that is not known. */
export function sampleSize(shape: KnownShape): number | null {
  const sample = shape?.slice(1) ?? [null]
  return sample.reduce((size, extent) => (size === null || extent === null ? null : size * extent), 1)
}

/** What a layer makes of a shape. @throws Error of the layer where it does not fit. */
export function shapeAfter(layer: Layer, shape: KnownShape): KnownShape {
  if (shape === null) return layer instanceof Flatten ? [null, null] : null
  const [images, ...sample] = shape
  if (sampleSize(shape) !== null) {
    const dtype = layer.parameters()[0]?.dtype ?? 'float32'
    return [images, ...layer.outputShape([1, ...(sample as number[])], dtype).slice(1)]
  }
  if (layer instanceof Flatten) return [images, null]
  return [
    images,
    ...sample.map((_, i) => (layer instanceof Linear && i === sample.length - 1 ? layer.outFeatures : null)),
  ]
}
