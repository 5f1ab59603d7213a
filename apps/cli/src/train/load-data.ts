import {
  type DatasetDescription,
  datasetDigest,
  datasets,
  type ImageDataset,
  loadDataset,
  Subset,
} from '@handgrad/data'
import type { DataOrigin, TrainConfig, TrainData } from '@handgrad/trainer'
import { dataFolder } from './data-folder.ts'

/** A dataset as a run needs it, and what is known of it. */
export interface NamedData extends TrainData {
  readonly description: DatasetDescription
  readonly origin: DataOrigin
}

/**
 * Reads and checks all four files before anything else is done. Only the files that came with the program are compared
 * with what they are known to be: a user's folder may hold other images in the same format.
 */
export async function loadData(config: TrainConfig, dataDir: string | undefined): Promise<NamedData> {
  const description = datasets.find(({ name }) => name === config.dataset)!
  const folder = dataFolder(config.dataset, dataDir)
  const { train, test } = await loadDataset(description, folder)
  const digest = await datasetDigest([train, test])
  // The MD5 of each file takes a while, and names the one that has changed.
  if (dataDir === undefined && description.digest !== undefined && digest !== description.digest)
    await loadDataset(description, folder, { verify: true })
  return {
    description,
    train: firstOf(train, config.limit),
    test: firstOf(test, config.limit),
    classes: description.classes.length,
    background: train.background,
    origin: {
      dataset: description.name,
      folder: dataDir === undefined ? null : folder,
      digest,
    },
  }
}

function firstOf(dataset: ImageDataset, limit: number | null): ImageDataset | Subset<ImageDataset> {
  if (limit === null || limit >= dataset.length) return dataset
  return new Subset(
    dataset,
    Array.from({ length: limit }, (_, i) => i),
  )
}
