import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { DataLoader, randomSplit } from '@handgrad/data'
import {
  type DType,
  loadSafetensors,
  manualSeed,
  saveSafetensors,
  type Tensor,
  tensor,
} from '@handgrad/tensor'
import { models } from '@handgrad/trainer'
import { sampledPlaces } from '../../../../apps/cli/src/replay/samples.ts'
import { trainingImages } from './mnist.ts'
import { root } from './source.ts'

const folder = join(root, 'fixtures/runs/sgd-3-float32')

interface Description {
  readonly torch: string
  readonly seed: number
  readonly data: { readonly batchSize: number }
}

async function read(file: string): Promise<Record<string, Tensor<DType>>> {
  return loadSafetensors(new Uint8Array(gunzipSync(await readFile(join(folder, file)))))
}

/** The run's first batch, drawn as PyTorch drew it: the model first, then the split, then the order. */
async function firstBatch({ seed, data }: Description): Promise<[x: Tensor, y: Tensor<'int32'>]> {
  const images = await trainingImages()
  manualSeed(seed)
  models.seed()
  const [training] = randomSplit(images, [0.8, 0.2])
  const [batch] = new DataLoader(training, { batchSize: data.batchSize, shuffle: true })
  return batch
}

/** @throws Error when the drawn batch does not begin with the recorded images: the page would compare other things. */
function checkSame(drawn: Tensor, recorded: Tensor<DType>): void {
  if (recorded.data.every((value, i) => value === drawn.data[i])) return
  throw new Error(`the first images of ${folder} are not those that its seed draws`)
}

/**
 * The first step of a run that was recorded in PyTorch, as gzipped safetensors: the whole batch `x` and `y`, `loss`,
 * activations and gradients of its first images whole (`torch.y.0`, …), and of each parameter's gradient the recorded
 * elements (`torch.d.0.weight`) with their `places`.
 */
export async function recordedStep(): Promise<Uint8Array> {
  const about = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as Description
  const [whole, sampled] = [await read('first-8.safetensors.gz'), await read('record.safetensors.gz')]
  const [x, y] = await firstBatch(about)
  checkSame(x, whole['0/x'])
  const kept: Record<string, Tensor<DType>> = { x, y, loss: sampled['0/loss'] }
  for (const [key, value] of Object.entries(whole)) {
    if (key.startsWith('0/')) kept[`torch.${key.slice(2)}`] = value
  }
  for (const [key, values] of Object.entries(sampled)) {
    if (!key.startsWith('0/d.')) continue
    const name = key.slice('0/d.'.length)
    kept[`torch.d.${name}`] = values
    kept[`places.${name}`] = tensor(sampledPlaces(sampled[`0/state.${name}`].data.length))
  }
  const metadata = { torch: about.torch, seed: String(about.seed), step: '0' }
  return gzipSync(saveSafetensors(kept, metadata))
}
