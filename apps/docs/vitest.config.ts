import { configDefaults, defineConfig } from 'vitest/config'
import { LongestFirst } from '../../scripts/longest-first.ts'

const usual = { testTimeout: 120_000, hookTimeout: 60_000 }
// What is timed has the machine to itself, once the others are through.
const timed = ['test/budget.test.ts']

export default defineConfig({
  test: {
    maxWorkers: 2,
    maxConcurrency: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...usual,
          name: 'docs',
          include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...timed],
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...usual, name: 'docs-timed', include: timed, sequence: { groupOrder: 1 } } },
    ],
  },
})
