import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config'
import { LongestFirst } from './scripts/longest-first.ts'

const globalSetup = new URL('scripts/build-kernels.ts', import.meta.url).pathname

// Those need Python, `pnpm test:torch`, and these what users install, `pnpm test:packages`.
const exclude = [...configDefaults.exclude, '**/*.torch.test.ts', '**/*.packages.test.ts']

/** What a test file changes in its process, or counts of it: the files beside it must not see that. */
const OWN_PROCESS =
  /\bvi\.(?!fn\b)\w|\bprocess\.(chdir|env|on)\b|\bWebAssembly\b|\bWorker\b|\bPools?\b|blocksTaken|memoryUsage|\bgc\(/

/** Who computes: what `scripts/kernels-setup.ts` takes back where kernels are always loaded. */
const COMPUTES = /\b(use|with)(Backend|Threads)\b/
const kernelsSetup = new URL('scripts/kernels-setup.ts', import.meta.url).pathname
const withKernels: ReadonlySet<string> = new Set(['layers', 'loss-optim', 'trainer', 'cli'])

/** One project runs all files in a few processes, which saves their starts; the other gives each file its own. */
function projects(name: string, folder: string, tests = 'src/**/*.test.ts'): { test: object }[] {
  const files = globSync(tests, { cwd: join(import.meta.dirname, folder) })
  const isReset = withKernels.has(name)
  const isAlone = (file: string): boolean => {
    const text = readFileSync(join(import.meta.dirname, folder, file), 'utf8')
    return OWN_PROCESS.test(text) || (!isReset && COMPUTES.test(text))
  }
  const setupFiles = isReset ? [kernelsSetup] : []
  const usual = { root: folder, exclude, testTimeout: 60_000, globalSetup, setupFiles }
  const [alone, together] = [true, false].map((own) => files.filter((file) => isAlone(file) === own))
  return [
    { test: { ...usual, name, include: together, isolate: false } },
    { test: { ...usual, name: `${name}-alone`, include: alone } },
  ].filter(({ test }) => test.include.length > 0)
}

const config: ViteUserConfig = defineConfig({
  test: {
    // The default is one fewer than there are cores: on two, one.
    maxWorkers: '100%',
    reporters: ['default', './scripts/proof-reporter.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      ...['tensor', 'gradcheck', 'layers', 'loss-optim', 'data', 'trainer'].flatMap((p) =>
        projects(p, `packages/${p}`),
      ),
      ...projects('cli', 'apps/cli'),
      ...projects('repo', '.', 'scripts/**/*.test.ts'),
    ],
  },
})

// oxlint-disable-next-line import/no-default-export -- vitest takes a config's default export
export default config
