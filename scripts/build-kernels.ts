import { writeFileSync } from 'node:fs'
import { compileKernels } from './compile-kernels.ts'
import { kernelPackages } from './kernel-sources.ts'

/**
 * Compiles every package's `*.as.ts` to two WebAssembly modules, with and without fused multiply-add, and writes them
 * in letters into `src/kernels.generated.ts`, where the sources changed since. `--check` only says what is stale.
 */

/** Builds what is stale; vitest calls it too, so that tests never run on kernels of other sources. */
export async function setup(): Promise<void> {
  for (const { name, folder, target, hash, current } of kernelPackages()) {
    if (current) continue
    if (process.argv.includes('--check')) throw new Error(`${target} is stale; run \`pnpm kernels\``)
    writeFileSync(target, await compileKernels(folder, hash))
    console.error(`built the kernels of ${name}`)
  }
}

if (import.meta.main) await setup()
