import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadRunState, saveRunState } from '@handgrad/trainer'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../test/handgrad.ts'
import { trained } from '../test/trained.ts'
import { filled, target } from './torch.ts'

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
  // As `train` writes it, so that the two can be compared.
  expect(text('config.json')).toBe(`${JSON.stringify({ ...state.config, dataDir: data }, null, 2)}\n`)

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

test('a run on the data that came by itself says so: its dataDir is null', async () => {
  const { source, state } = await trained()
  const config = { ...state.config, dataset: 'mnist' }
  const data = { dataset: 'mnist', folder: null, digest: 'sha256:0' }
  writeFileSync(join(source, 'state.safetensors'), saveRunState({ ...state, config, data }))
  await target.write({ source, model: undefined, out: undefined, note })
  expect(JSON.parse(readFileSync(join(source, 'torch', 'config.json'), 'utf8'))).toEqual({
    ...config,
    dataDir: null,
  })
})

test('a place of train.py is filled where it is there once', () => {
  expect(filled('a = 0\nb = 0\n', 'a = 0', 'a = "$&"')).toBe('a = "$&"\nb = 0\n')
  for (const script of ['b = 0\n', 'a = 0\na = 0\n'])
    expect(() => filled(script, 'a = 0', 'a = 1')).toThrow('train.py has no place for "a = 1"')
})
