import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { datasetDigest } from './digest.ts'
import { ImageDataset } from './image-dataset.ts'

const hash = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
const images = Uint8Array.from({ length: 24 }, (_, i) => 7 * i)
const part = (pixels: Uint8Array, labels: number[], height = 3, width = 4): ImageDataset =>
  new ImageDataset({ images: pixels, labels: Uint8Array.from(labels), height, width, mean: 0.5, std: 1 })

test('is the hash of its lines', async () => {
  const train = part(images, [3, 4])
  const last = part(images.subarray(12), [5])
  const lines = [
    `[1,3,4] ${hash(images)} ${hash(Uint8Array.of(3, 4))}\n`,
    `[1,3,4] ${hash(images.subarray(12))} ${hash(Uint8Array.of(5))}\n`,
  ]
  expect(await datasetDigest([train, last])).toBe(`sha256:${hash(lines.join(''))}`)
})

test('a pixel, a label, the shape, the part: each makes another; the scale does not', async () => {
  const a = part(images, [3, 4])
  const b = part(images.subarray(0, 12), [3])
  const pixel = images.with(23, 0)
  const others = [
    [part(pixel, [3, 4]), b],
    [part(images, [3, 5]), b],
    [part(images, [3, 4], 4, 3), b],
    [a, part(images.subarray(12), [3])],
    [a, part(images.subarray(0, 12), [4])],
    [b, a],
    [a],
  ]
  const digests = await Promise.all([[a, b], ...others].map(datasetDigest))
  expect(new Set(digests).size).toBe(others.length + 1)
  const scaled = new ImageDataset({ images, labels: a.labels, height: 3, width: 4, mean: 0, std: 2 })
  expect(await datasetDigest([scaled, b])).toBe(digests[0])
})
