import { readdirSync } from 'node:fs'
import { lenet5, mlp, seed, wide } from '@handgrad/layers'
import { expect, test } from 'vitest'
import type { TrainOptions } from './config.ts'
import { models } from './models.ts'
import { presets } from './presets.ts'
import { ConfigError, resolveConfig } from './resolve-config.ts'

const namesIn = (folder: string): string[] =>
  readdirSync(new URL(folder, import.meta.url))
    .map((file) => file.replace(/\.\w+$/, ''))
    .sort()

test('every file of presets/ is a preset, and every file of models/ a model', () => {
  expect(Object.keys(presets).sort()).toEqual(namesIn('./presets/'))
  expect(Object.keys(models).sort()).toEqual(namesIn('../../layers/src/models/'))
  expect(models).toEqual({ seed, lenet5, wide, mlp })
})

test.each(Object.keys(presets))('preset %s is a valid config', (preset) => {
  const config = resolveConfig({ preset } as TrainOptions)
  expect(config).toMatchObject({ preset, model: 'seed', dataset: 'mnist', seed: 0, limit: null })
})

test.each<[unknown, string]>([
  [5, '5'],
  [null, 'null'],
  ['seed', "'seed'"],
  [[], 'an array'],
])('%j is no object of fields', (options, words) => {
  expect(() => resolveConfig(options as TrainOptions)).toThrow(
    new TypeError(`resolveConfig: the options are ${words}, expected an object of fields`),
  )
})

test('the seed preset is plain SGD at 0.1', () => {
  expect(resolveConfig({ preset: 'seed' })).toMatchObject({
    optimizer: 'sgd',
    lr: 0.1,
    momentum: 0,
    schedule: 'constant',
    batchSize: 64,
    epochs: 5,
  })
})

test('options win over the preset, and undefined is not an option', () => {
  expect(resolveConfig({ epochs: 2, lr: 0.05, momentum: undefined })).toMatchObject({
    epochs: 2,
    lr: 0.05,
    momentum: 0.9,
  })
})

test('another optimizer does not inherit the learning rate and momentum of the preset', () => {
  expect(resolveConfig({ optimizer: 'adam' })).toMatchObject({ lr: 0.001, momentum: 0 })
  expect(resolveConfig({ optimizer: 'adam', lr: 0.01 })).toMatchObject({ lr: 0.01, momentum: 0 })
  expect(resolveConfig({ optimizer: 'sgd' })).toMatchObject({ lr: 0.1, momentum: 0.9 })
  expect(resolveConfig({ preset: 'fast', optimizer: 'adam' })).toMatchObject({ lr: 0.01, momentum: 0 })
  expect(resolveConfig({ preset: 'fast', optimizer: 'sgd' })).toMatchObject({ lr: 0.1, momentum: 0 })
  expect(resolveConfig({ preset: 'fast', optimizer: 'sgd', lr: 0.02, momentum: 0.5 })).toMatchObject({
    lr: 0.02,
    momentum: 0.5,
  })
})

test('every option wins over the preset, and null is a value, undefined none', () => {
  const all = {
    dataset: 'fashion-mnist',
    model: 'mlp',
    epochs: 7,
    batchSize: 9,
    optimizer: 'sgd',
    lr: 0.3,
    momentum: 0.4,
    schedule: 'step',
    shift: 2,
    seed: -5,
    backend: 'reference',
    threads: 3,
    turbo: true,
    limit: 12,
    earlyStop: 3,
  } as const
  expect(resolveConfig({ preset: 'accurate', ...all })).toEqual({ preset: 'accurate', ...all })
  expect(resolveConfig({ limit: null }).limit).toBe(null)
  expect(() => resolveConfig({ shift: null as unknown as number })).toThrow('shift is null')
  const nothing = Object.fromEntries(Object.keys(all).map((name) => [name, undefined]))
  expect(resolveConfig({ ...nothing, preset: 'accurate' })).toEqual(resolveConfig({ preset: 'accurate' }))
})

test.each<[keyof TrainOptions, unknown, string]>([
  ['epochs', 0, 'epochs is 0: expected a whole number, 1 or more'],
  ['epochs', 1.5, 'epochs is 1.5: expected a whole number, 1 or more'],
  ['batchSize', 0, 'batchSize is 0: expected a whole number, 1 or more'],
  ['lr', Number.NaN, 'lr is NaN: expected a number above 0'],
  ['lr', 0, 'lr is 0: expected a number above 0'],
  ['lr', '0.1', "lr is '0.1': expected a number above 0"],
  ['momentum', 1, 'momentum is 1: expected a number from 0 to below 1'],
  ['seed', 2 ** 53, 'seed is 9007199254740992: expected a whole number'],
  ['limit', 1, 'limit is 1: expected a whole number, 2 or more'],
  ['threads', 0, 'threads is 0: expected a whole number, 1 to 256'],
  ['shift', -1, 'shift is -1: expected a whole number, 0 to 14'],
  ['model', 'resnet', "model is 'resnet': expected seed, lenet5, wide, mlp"],
  ['dataset', 'cifar', "dataset is 'cifar': expected mnist, fashion-mnist"],
  ['optimizer', 'lion', "optimizer is 'lion': expected sgd, adam"],
  ['schedule', 'cosine', "schedule is 'cosine': expected constant, step, one-cycle"],
  ['preset', 'best', "preset is 'best': expected default, seed"],
  ['preset', '__proto__', "preset is '__proto__': expected default, seed"],
])('%s = %s is refused', (field, value, message) => {
  const attempt = (): unknown => resolveConfig({ [field]: value })
  expect(attempt).toThrow(ConfigError)
  expect(attempt).toThrow(message)
})

test('a preset that is wrong is refused, whoever asks for it', () => {
  const right = presets.seed
  Object.assign(presets, { seed: { ...right, lr: 0 } })
  try {
    expect(() => resolveConfig({ preset: 'seed' })).toThrow(
      new ConfigError('lr', 'lr is 0: expected a number above 0'),
    )
    expect(resolveConfig({ preset: 'seed', lr: 1 }).lr).toBe(1)
  } finally {
    Object.assign(presets, { seed: right })
  }
})

test('momentum with adam and unknown fields are refused', () => {
  const both = (): unknown => resolveConfig({ optimizer: 'adam', momentum: 0.9 })
  expect(both).toThrow(new ConfigError('momentum', 'momentum 0.9 goes with optimizer sgd, not with adam'))
  expect(both).toThrow(expect.objectContaining({ field: 'momentum' }) as Error)
  expect(resolveConfig({ optimizer: 'adam', momentum: 0 })).toMatchObject({ momentum: 0 })
  const unknown = (): unknown => resolveConfig({ epoch: 3 } as TrainOptions)
  expect(unknown).toThrow(new TypeError("unknown field 'epoch' in a training config"))
})
