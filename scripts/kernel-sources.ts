import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The hash of what a package's generated modules depend on: its kernels, tensor's, and how they are compiled. */
export function hashSources(src: string): string {
  const scripts = ['build-kernels.ts', 'compile-kernels.ts', 'kernel-sources.ts'].map((name) =>
    join(import.meta.dirname, name),
  )
  const shared = join(import.meta.dirname, '../packages/tensor/src')
  const kernels = [...new Set([shared, src])].flatMap((folder) =>
    globSync('**/*.as.ts', { cwd: folder })
      .sort()
      .map((name) => join(folder, name)),
  )
  const hash = createHash('sha256')
  for (const file of [...scripts, ...kernels])
    hash.update(readFileSync(file, 'utf8').replaceAll('\r\n', '\n'))
  return hash.digest('hex')
}
