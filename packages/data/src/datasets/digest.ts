import { formatShape } from '@handgrad/tensor'
import { platform } from '#platform'
import type { ImageDataset } from './image-dataset.ts'

/**
 * What tells one dataset from another: `sha256:` and the SHA-256 of a line for each part, which has the shape of its
 * samples and the SHA-256 of its images and of its labels: `[1,28,28] <hex> <hex>`.
 *
 * All bytes count, however they were packed: MNIST takes a tenth of a second.
 */
export async function datasetDigest(parts: readonly ImageDataset[]): Promise<string> {
  const lines = await Promise.all(
    parts.map(async ({ images, labels, sampleShape }) => {
      const sums = await Promise.all([images, labels].map((bytes) => platform.sha256(bytes)))
      return `${formatShape(sampleShape)} ${sums.join(' ')}\n`
    }),
  )
  return `sha256:${await platform.sha256(new TextEncoder().encode(lines.join('')))}`
}
