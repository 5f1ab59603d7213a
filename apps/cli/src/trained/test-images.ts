import { ImageDataset } from '@handgrad/data'
import { resolveConfig } from '@handgrad/trainer'
import { CliError, exitCodes } from '../errors.ts'
import { loadData } from '../train/load-data.ts'
import type { Subject } from './subject.ts'

/** All test images of a network's dataset, whatever its run was limited to. */
export async function testImages({ state, description, dataDir }: Subject): Promise<ImageDataset> {
  const config = state?.config ?? resolveConfig({ dataset: description.name })
  const { test } = await loadData({ ...config, limit: null }, dataDir)
  if (!(test instanceof ImageDataset)) throw new Error('the test images are not in files')
  return test
}

/** The grey values [H,W] of a test image, and its class. @throws CliError where there is no image of that number. */
export function testImage(
  { images, labels, length, sampleShape: [, height, width] }: ImageDataset,
  index: number,
): { grey: Uint8Array; truth: number } {
  if (index >= length)
    throw new CliError(`there is no test image ${index}: expected 0 to ${length - 1}`, exitCodes.usage)
  const size = height * width
  return { grey: images.slice(index * size, (index + 1) * size), truth: labels[index] }
}
