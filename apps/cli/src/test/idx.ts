import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The bytes of an IDX file of unsigned bytes. */
export function idx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length))
  header.setUint32(0, 0x0800 + shape.length)
  shape.forEach((extent, axis) => header.setUint32(4 + 4 * axis, extent))
  return new Uint8Array(Buffer.concat([new Uint8Array(header.buffer), data]))
}

/** The four files of a small dataset in the MNIST format: `count` images in which a bright row says the class. */
export function idxFiles(count: number): Record<string, Uint8Array> {
  const labels = Uint8Array.from({ length: count }, (_, i) => (i * 7) % 10)
  const images = new Uint8Array(count * 784)
  labels.forEach((label, i) =>
    images.fill(255, i * 784 + 28 * (2 * label + 4), i * 784 + 28 * (2 * label + 5)),
  )
  const files = { images: idx([count, 28, 28], images), labels: idx([count], labels) }
  return {
    'train-images-idx3-ubyte': files.images,
    'train-labels-idx1-ubyte': files.labels,
    't10k-images-idx3-ubyte': files.images,
    't10k-labels-idx1-ubyte': files.labels,
  }
}

/** Writes files into `folder`, which is made. */
export function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array>>): string {
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  return folder
}
