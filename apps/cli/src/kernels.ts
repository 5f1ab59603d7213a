import { existsSync } from 'node:fs'
import { CliError } from './errors.ts'

/**
 * In a checkout, refuses kernels that were compiled from other sources than those beside them: what `pnpm` runs compiles
 * them first, but `node apps/cli/src/main.ts` does not.
 * @throws CliError that names the packages.
 */
export async function requireCurrentKernels(root: URL): Promise<void> {
  const script = new URL('scripts/kernel-sources.ts', root)
  if (!existsSync(script)) return
  const { kernelPackages } = (await import(script.href)) as {
    kernelPackages: () => { name: string; current: boolean }[]
  }
  const stale = kernelPackages().filter(({ current }) => !current)
  if (stale.length === 0) return
  const names = stale.map(({ name }) => name).join(', ')
  throw new CliError(`the kernels of ${names} were compiled from other sources; run pnpm kernels`)
}
