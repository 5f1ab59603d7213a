import { ImageDataset, mnist, readIdx } from '@handgrad/data'
import type { TrainData } from '@handgrad/trainer'
import type { DataSet } from './protocol.ts'

async function part(folder: string, prefix: 'train' | 't10k'): Promise<ImageDataset> {
  const [images, labels] = await Promise.all([
    readIdx(`${folder}/${prefix}-images-idx3-ubyte.gz`),
    readIdx(`${folder}/${prefix}-labels-idx1-ubyte.gz`),
  ])
  const { mean, std } = mnist
  const bytes = { images: images.data as Uint8Array, labels: labels.data as Uint8Array }
  return new ImageDataset({ ...bytes, height: 28, width: 28, mean, std })
}

/** MNIST as it ships with the site: the subset, or all of it. */
export async function loadImages(
  set: DataSet,
): Promise<TrainData & { train: ImageDataset; test: ImageDataset }> {
  const folder = `${import.meta.env.BASE_URL.replace(/\/$/, '')}/mnist/${set}`
  const [train, test] = await Promise.all([part(folder, 'train'), part(folder, 't10k')])
  return { train, test, classes: mnist.classes.length, background: train.background }
}
