import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config'

const globalSetup = new URL('scripts/build-kernels.ts', import.meta.url).pathname

const project = (name: string, folder: string, tests = 'src/**/*.test.ts') => ({
  test: {
    name,
    root: folder,
    include: [tests],
    // Those need Python, `pnpm test:torch`, and these what users install, `pnpm test:packages`.
    exclude: [...configDefaults.exclude, '**/*.torch.test.ts', '**/*.packages.test.ts'],
    testTimeout: 60_000,
    globalSetup,
  },
})

const config: ViteUserConfig = defineConfig({
  test: {
    // The default is one fewer than there are cores: on two, one.
    maxWorkers: '100%',
    reporters: ['default', './scripts/proof-reporter.ts'],
    projects: [
      ...['tensor', 'gradcheck', 'layers', 'loss-optim', 'data', 'trainer'].map((p) =>
        project(p, `packages/${p}`),
      ),
      project('cli', 'apps/cli'),
      project('repo', '.', 'scripts/**/*.test.ts'),
    ],
  },
})

// oxlint-disable-next-line import/no-default-export -- vitest takes a config's default export
export default config
