import { defineConfig } from 'vitest/config'

/** The tests that need a Python with PyTorch: `pnpm test:torch` brings one, and says in its environment where it is. */
export default defineConfig({
  test: {
    include: ['{packages,apps}/*/src/**/*.torch.test.ts', 'apps/cli/src/replay/runs-*.test.ts'],
    testTimeout: 1_200_000,
    globalSetup: './scripts/build-kernels.ts',
  },
})
