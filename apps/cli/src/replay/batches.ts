import { type Batch, DataLoader, datasets, loadPart, randomSplit } from '@handgrad/data'
import { type DType, manualSeed, type Tensor } from '@handgrad/tensor'
import { CliError } from '../errors.ts'
import { dataFolder } from '../train/data-folder.ts'
import { type RunRecord, recorded } from './record.ts'
import { as, Twin } from './twin.ts'

/** A fresh twin at the run's first step, and the batches that follow. */
export interface Start {
  readonly twin: Twin
  readonly batches: Iterable<readonly [x: Tensor, y: Tensor<DType>]>
}

/**
 * Begins a recorded run: from the recorded state and batches, or, where the record has a seed instead, by drawing
 * weights, split and order from it as PyTorch did.
 */
export async function start(record: RunRecord): Promise<Start> {
  const { data, seed } = record.about
  if (data === null || data === 'stored' || seed === undefined) {
    const twin = new Twin(record)
    twin.restore(0)
    return { twin, batches: stored(record) }
  }
  const description = datasets.find(({ name }) => name === data.dataset)
  if (description === undefined)
    throw new CliError(
      `the record's dataset is ${JSON.stringify(data.dataset)}, expected ${datasets.map(({ name }) => name).join(' or ')}`,
    )
  const images = await loadPart(description, dataFolder(data.dataset, undefined), 'train')
  // Made before the seed is set: what it draws must not move the run's own draws.
  const twin = new Twin(record)
  manualSeed(seed)
  // PyTorch draws float32 weights and widens them.
  twin.net.loadStateDict(new Twin(record, 'float32').net.stateDict())
  const [training] = randomSplit(images, [0.8, 0.2])
  const loader = new DataLoader(training, { batchSize: data.batchSize, shuffle: true })
  return { twin, batches: typed(loader, record) }
}

function* stored(record: RunRecord): Generator<[Tensor, Tensor<DType>]> {
  for (let t = 0; t < record.about.steps; t++) {
    yield [recorded(record, `${t}/batch.x`) as Tensor, recorded(record, `${t}/batch.y`)]
  }
}

function* typed(loader: Iterable<Batch>, { about }: RunRecord): Generator<[Tensor, Tensor<DType>]> {
  for (const [x, y] of loader) yield [as(x, about.dtype), y]
}
