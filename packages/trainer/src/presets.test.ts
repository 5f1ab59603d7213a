import { expect, test } from 'vitest'
import { type Preset, presets } from './presets.ts'
import { resolveConfig } from './resolve-config.ts'

/** What README and the recorded runs were made with: whoever changes a number measures anew. */
const recipes: Record<string, Omit<Preset, 'description'>> = {
  default: { epochs: 5, batchSize: 64, optimizer: 'sgd', lr: 0.1, momentum: 0.9, schedule: 'one-cycle' },
  seed: { epochs: 5, batchSize: 64, optimizer: 'sgd', lr: 0.1, momentum: 0, schedule: 'constant' },
  fast: {
    epochs: 3,
    batchSize: 64,
    optimizer: 'adam',
    lr: 0.01,
    momentum: 0,
    schedule: 'one-cycle',
    shift: 0,
  },
  accurate: {
    epochs: 15,
    batchSize: 128,
    optimizer: 'adam',
    lr: 0.01,
    momentum: 0,
    schedule: 'one-cycle',
    shift: 1,
  },
}

test.each(Object.entries(recipes))('%s is its recipe, and says so', (name, recipe) => {
  const { description, ...rest } = presets[name as keyof typeof presets]
  expect(rest).toEqual(recipe)
  const { model, dataset, seed, limit, turbo, shift, ...config } = resolveConfig({ preset: name as 'seed' })
  expect({ model, dataset, seed, limit, turbo, shift }).toEqual({
    model: 'seed',
    dataset: 'mnist',
    seed: 0,
    limit: null,
    turbo: false,
    shift: recipe.shift ?? 0,
  })
  const { shift: _, ...own } = recipe
  expect(config).toMatchObject({ preset: name, ...own })
  expect(description).toContain(`${recipe.lr}`)
})
