import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** A package with kernels, and the module that is generated from them. */
export interface KernelPackage {
  readonly name: string
  readonly folder: string
  readonly target: string
  /** Of what its module depends on. */
  readonly hash: string
  /** False where the module is missing or was compiled from other sources. */
  readonly current: boolean
}

/** The packages that have kernels: found, not listed. */
export function kernelPackages(): KernelPackage[] {
  const files = globSync('packages/*/src/**/*.as.ts', { cwd: root })
  const names = [...new Set(files.map((file) => file.replaceAll('\\', '/').split('/')[1]))]
  return names.map((name) => {
    const folder = join(root, 'packages', name)
    const target = join(folder, 'src/kernels.generated.ts')
    const hash = hashSources(join(folder, 'src'))
    const current = existsSync(target) && readFileSync(target, 'utf8').includes(`'${hash}'`)
    return { name, folder, target, hash, current }
  })
}

/** The hash of what a package's generated modules depend on: its kernels, tensor's, and how they are compiled. */
function hashSources(src: string): string {
  const scripts = [
    'scripts/build-kernels.ts',
    'scripts/compile-kernels.ts',
    'scripts/kernel-sources.ts',
    'packages/tensor/src/simd/letters.ts',
  ].map((name) => join(root, name))
  const kernels = [...new Set([join(root, 'packages/tensor/src'), src])].flatMap((folder) =>
    globSync('**/*.as.ts', { cwd: folder })
      .sort()
      .map((name) => join(folder, name)),
  )
  const hash = createHash('sha256')
  for (const file of [...scripts, ...kernels])
    hash.update(readFileSync(file, 'utf8').replaceAll('\r\n', '\n'))
  return hash.digest('hex')
}
