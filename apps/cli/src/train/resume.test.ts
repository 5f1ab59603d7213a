import { availableParallelism } from 'node:os'
import { resolveConfig } from '@handgrad/trainer'
import { expect, test } from 'vitest'
import { resumedConfig } from './resume.ts'

const config = resolveConfig({ preset: 'seed', epochs: 3, threads: 77, seed: 4 })
const here = { ...config, threads: availableParallelism() }
const state = { config } as Parameters<typeof resumedConfig>[0]

test('a run goes on with its own config, on the cores of this machine, and with what may be given anew', () => {
  expect(resumedConfig(state, {})).toEqual(here)
  expect(resumedConfig(state, { threads: undefined })).toEqual(here)
  expect(resumedConfig(state, { epochs: 9, threads: 2, backend: 'reference', turbo: true })).toEqual({
    ...config,
    epochs: 9,
    threads: 2,
    backend: 'reference',
    turbo: true,
  })
  expect(resumedConfig(state, { epochs: 5, lr: undefined })).toEqual({ ...here, epochs: 5 })
})

test.each([
  'preset',
  'dataset',
  'model',
  'batchSize',
  'optimizer',
  'lr',
  'momentum',
  'schedule',
  'shift',
  'seed',
  'limit',
  'earlyStop',
] as const)('%s does not go with --resume', (name) => {
  expect(() => resumedConfig(state, { [name]: config[name] })).toThrow(
    expect.objectContaining({
      message: `${name} does not go with --resume: the run has its own; only epochs, threads, backend, turbo can change`,
      exitCode: 2,
    }),
  )
})
