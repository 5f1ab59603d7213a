import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import root from '../../vitest.config.ts'

/** Runs test files in the order in which they were asked for: the cheapest first. */
class AsAsked extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files
  }
}

const beside = (name: string): string => new URL(name, import.meta.url).pathname
const setupFiles = [
  beside('reset-setup.ts'),
  ...(process.env['HANDGRAD_COVERAGE'] === undefined ? [] : [beside('coverage-setup.ts')]),
]
const projects = (root.test?.projects ?? []) as { test: Record<string, unknown> }[]

/**
 * The suite as `pnpm test` runs it, but on sources as Node reads them: nothing is transformed, so V8's offsets are the
 * files' own, and a changed file needs no server that hears of it.
 */
const config: ViteUserConfig = defineConfig({
  test: {
    maxWorkers: 1,
    reporters: [{}],
    sequence: { sequencer: AsAsked },
    projects: projects.map(({ test }) => ({
      test: {
        ...test,
        // The copy was made with its kernels.
        globalSetup: [],
        // Who asks ends what takes too long, and a busy machine makes no test fail.
        testTimeout: 0,
        experimental: { viteModuleRunner: false },
        setupFiles,
      },
    })),
  },
})

// oxlint-disable-next-line import/no-default-export -- vitest takes a config's default export
export default config
