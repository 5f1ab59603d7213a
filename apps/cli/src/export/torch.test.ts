import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadRunState, type RunState, resolveConfig, saveRunState, TrainingRun } from '@handgrad/trainer'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'
import { loadData } from '../train/load-data.ts'
import { target } from './torch.ts'

const options = { model: 'mlp', dataset: 'fashion-mnist', epochs: 2, batchSize: 8, threads: 1 }

/** A run on images of the user's own after the first of two epochs, in a folder as `train` leaves it. */
async function trained(): Promise<{ source: string; data: string; state: RunState }> {
  const source = temporaryFolder()
  const data = writeFiles(join(temporaryFolder(), 'bars'), idxFiles(20))
  const config = resolveConfig(options)
  const run = new TrainingRun(config, await loadData(config, data))
  for await (const { event } of run.events()) if (event === 'epoch') break
  const state = run.state()
  writeFileSync(join(source, 'state.safetensors'), saveRunState(state))
  writeFileSync(join(source, 'config.json'), JSON.stringify({ ...config, dataDir: data }))
  return { source, data, state }
}

const note = (): never => expect.unreachable()

test('a run becomes a folder that PyTorch goes on from: its state as it is, its network, data and scale', async () => {
  const { source, data, state } = await trained()
  expect(await target.write({ source, model: undefined, out: undefined, note })).toEqual({
    path: join(source, 'torch'),
    model: 'mlp',
    epochs: 1,
  })
  const out = join(source, 'torch')
  const text = (name: string): string => readFileSync(join(out, name), 'utf8')
  expect(readdirSync(out).sort()).toEqual(['config.json', 'run_state.py', 'state.safetensors', 'train.py'])
  expect(loadRunState(readFileSync(join(out, 'state.safetensors')))).toEqual(state)
  expect(JSON.parse(text('config.json'))).toEqual({ ...state.config, dataDir: data })

  const template = readFileSync(new URL('../../python/train.py', import.meta.url), 'utf8')
  const network =
    'nn.Sequential(\n        nn.Flatten(),\n        nn.Linear(784, 128),\n        nn.ReLU(),\n        nn.Linear(128, 10),\n    )'
  const expected = template
    .replace('    return nn.Sequential()\n', `    return ${network}\n`)
    .replace('"<data folder>"', JSON.stringify(data))
    .replace('MEAN, STD = 0.0, 1.0 ', 'MEAN, STD = 0.286, 0.353 ')
  expect(text('train.py')).toBe(expected)
  const helper = readFileSync(new URL('../../python/run_state.py', import.meta.url), 'utf8')
  expect(text('run_state.py')).toBe(helper)
})

test('it writes into a new or an empty folder only, and only a run that has a state', async () => {
  const { source } = await trained()
  const out = join(source, 'full')
  mkdirSync(out)
  writeFileSync(join(out, 'mine'), '')
  await expect(target.write({ source, model: undefined, out, note })).rejects.toThrow(
    'is not empty (it holds mine)',
  )
  expect(readdirSync(out)).toEqual(['mine'])
  const bare = temporaryFolder()
  await expect(target.write({ source: bare, model: undefined, out: undefined, note })).rejects.toThrow(
    'cannot be resumed: no state.safetensors',
  )
  expect(readdirSync(bare)).toEqual([])
})
