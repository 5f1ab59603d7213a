import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunState, resolveConfig, saveRunState, TrainingRun } from '@handgrad/trainer'
import { loadData } from '../train/load-data.ts'
import { temporaryFolder } from './handgrad.ts'
import { idxFiles, writeFiles } from './idx.ts'

const options = { dataset: 'fashion-mnist', epochs: 2, batchSize: 8, threads: 1 } as const

/** A run on images of the user's own after the first of two epochs, in a folder as `train` leaves it. */
export async function trained(
  model = 'mlp',
  newFolder: () => string = temporaryFolder,
): Promise<{ source: string; data: string; state: RunState }> {
  const source = newFolder()
  const data = writeFiles(join(newFolder(), 'bars'), idxFiles(20))
  const config = resolveConfig({ ...options, model })
  const run = new TrainingRun(config, await loadData(config, data))
  for await (const { event } of run.events()) if (event === 'epoch') break
  const state = run.state()
  writeFileSync(join(source, 'state.safetensors'), saveRunState(state))
  writeFileSync(join(source, 'config.json'), JSON.stringify({ ...config, dataDir: data }))
  return { source, data, state }
}
