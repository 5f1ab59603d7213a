import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileKernels } from './compile-kernels.ts'
import { hashSources } from './kernel-sources.ts'

/**
 * Compiles every package's `*.as.ts` to two WebAssembly modules, with and without fused multiply-add, and writes them
 * as base64 into `src/kernels.generated.ts`, where the sources changed since. `--check` only says what is stale.
 */
const root = join(import.meta.dirname, '..')

/** The packages that have kernels: found, not listed. */
function packages(): string[] {
  const files = globSync('packages/*/src/**/*.as.ts', { cwd: root })
  return [...new Set(files.map((file) => file.replaceAll('\\', '/').split('/')[1]))]
}

async function build(name: string): Promise<void> {
  const folder = join(root, 'packages', name)
  const target = join(folder, 'src/kernels.generated.ts')
  const hash = hashSources(join(folder, 'src'))
  if (existsSync(target) && readFileSync(target, 'utf8').includes(`'${hash}'`)) return
  if (process.argv.includes('--check')) throw new Error(`${target} is stale; run \`pnpm kernels\``)
  writeFileSync(target, await compileKernels(folder, hash))
  console.error(`built the kernels of ${name}`)
}

/** Builds what is stale; vitest calls it too, so that tests never run on kernels of other sources. */
export async function setup(): Promise<void> {
  for (const name of packages()) await build(name)
}

if (import.meta.main) await setup()
