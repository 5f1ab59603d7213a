import { expect, test } from 'vitest'
import { configFrom } from './config-file.ts'

test('fields of the config, the data beside the file, and logs', () => {
  expect(configFrom('{"epochs": 3, "lr": 0.5, "commit": "x", "init": "y"}', '/a/c.json')).toEqual({
    options: { epochs: 3, lr: 0.5 },
  })
  expect(configFrom('{"log": ["csv"], "dataDir": "mine"}', '/a/c.json')).toEqual({
    options: {},
    log: ['csv'],
    dataDir: '/a/mine',
  })
  expect(configFrom('{"log": ["csv"], "dataDir": null}', '/a/c.json')).toEqual({ options: {}, log: ['csv'] })
})

test.each([
  ['{"log": "csv"}', 'log is "csv", expected a list of tensorboard, csv'],
  ['{"log": ["wandb"]}', 'log is ["wandb"], expected a list of tensorboard, csv'],
  ['{"logs": ["csv"]}', 'has "logs", expected preset, dataset, '],
  ['{"epochs": 0}', 'epochs is 0: expected a whole number, 1 or more'],
  ['{"dataDir": 3}', 'dataDir is 3, expected a folder or null'],
  ['[]', 'is no JSON object'],
])('%s is refused', (text, problem) => {
  expect(() => configFrom(text, '/a/c.json')).toThrow(
    expect.objectContaining({
      exitCode: 2,
      message: expect.stringContaining(`--config /a/c.json: ${problem}`),
    }),
  )
})
