import { join } from 'node:path'
import { $ } from 'zx'
import { python } from './python.ts'

/**
 * Runs the tests that ask a live PyTorch (`*.torch.test.ts`), and the recorded runs on every backend in full.
 *
 *     pnpm test:torch [filter…]      HANDGRAD_PYTHON=/path/to/python   HANDGRAD_SEED=<seed> to draw a run's numbers again
 *     HANDGRAD_TORCH=2.14.1 pnpm test:torch      with another PyTorch than that of fixtures/requirements.txt
 */
const env = { ...process.env, HANDGRAD_PYTHON: await python(), HANDGRAD_RUNS: 'all' }
const config = join(import.meta.dirname, '../vitest.torch.config.ts')
const run = await $({
  stdio: 'inherit',
  nothrow: true,
  env,
})`vitest run --config ${config} ${process.argv.slice(2)}`
process.exitCode = run.exitCode ?? 1
