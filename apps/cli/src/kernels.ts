import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CliError } from './errors.ts'

/**
 * In a checkout, refuses kernels that were compiled from other sources than those beside them: what `pnpm` runs compiles
 * them first, but `node apps/cli/src/main.ts` does not.
 * @throws CliError that names the packages.
 */
export async function requireCurrentKernels(root: URL): Promise<void> {
  const script = new URL('scripts/kernel-sources.ts', root)
  if (!existsSync(script)) return
  const { hashSources } = (await import(script.href)) as { hashSources: (src: string) => string }
  const folder = fileURLToPath(root)
  const stale = globSync('packages/*/src/kernels.generated.ts', { cwd: folder }).filter((file) => {
    const path = join(folder, file)
    return !readFileSync(path, 'utf8').includes(`'${hashSources(dirname(path))}'`)
  })
  if (stale.length > 0)
    throw new CliError(`${stale.join(', ')}: compiled from other sources; run pnpm kernels`)
}
