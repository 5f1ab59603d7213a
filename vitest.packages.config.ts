import { defineConfig } from 'vitest/config'

/** What users install, tried as they would: `pnpm test:packages`. */
export default defineConfig({
  test: {
    include: ['scripts/packages/*.packages.test.ts'],
    globalSetup: './scripts/packages/setup.ts',
    testTimeout: 180_000,
    hookTimeout: 360_000,
    maxWorkers: '100%',
    reporters: ['default', './scripts/count-reporter.ts'],
  },
})
