import { ImageDataset, mnist, readIdx } from '@handgrad/data'
import type { TrainData } from '@handgrad/trainer'
import type { DataSet } from './protocol.ts'

/** Where a file of MNIST is. */
export type AddressOf = (file: string) => string

/** The four files of MNIST as the site has them. */
export const imageFiles = ['train', 't10k'].flatMap((name) => [
  `${name}-images-idx3-ubyte.gz`,
  `${name}-labels-idx1-ubyte.gz`,
])

/** Where the files of a set lie on this site. */
export function onSite(set: DataSet): AddressOf {
  const folder = `${import.meta.env.BASE_URL.replace(/\/$/, '')}/mnist/${set}`
  return (file) => `${folder}/${file}`
}

async function part(images: string, labels: string): Promise<ImageDataset> {
  const [pixels, digits] = await Promise.all([readIdx(images), readIdx(labels)])
  const { mean, std } = mnist
  const bytes = { images: pixels.data as Uint8Array, labels: digits.data as Uint8Array }
  return new ImageDataset({ ...bytes, height: 28, width: 28, mean, std })
}

/** MNIST as it ships with the site, from where its files are: the subset, or all of it. */
export async function loadImages(
  addressOf: AddressOf,
): Promise<TrainData & { train: ImageDataset; test: ImageDataset }> {
  const [trainImages, trainLabels, testImages, testLabels] = imageFiles.map(addressOf)
  const [train, test] = await Promise.all([part(trainImages, trainLabels), part(testImages, testLabels)])
  return { train, test, classes: mnist.classes.length, background: train.background }
}
