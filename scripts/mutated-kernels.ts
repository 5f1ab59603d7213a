import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { applyMutant, type Mutant } from '../packages/gradcheck/src/node/index.ts'
import type { BackendName } from '../packages/tensor/src/index.ts'
import { compileKernels } from './compile-kernels.ts'

/** Packages whose kernels are made of tensor's as well as of their own. */
const OF_TENSOR = ['tensor', 'layers', 'loss-optim']

/**
 * The generated modules that a mutant of a `*.as.ts` file changes, compiled anew in memory: source by path from the
 * repository's root. None for a mutant of another file.
 */
export async function mutatedKernels(
  mutant: Mutant,
  root: URL,
  on: readonly BackendName[],
): Promise<Record<string, string>> {
  if (!mutant.file.endsWith('.as.ts')) return {}
  return changedKernels(mutant.file, mutant.name, (source) => applyMutant(mutant, source), root, on)
}

/** The generated modules that depend on a `*.as.ts` file, compiled from it as `edit` changes it. */
export async function changedKernels(
  file: string,
  name: string,
  edit: (source: string) => string,
  root: URL,
  on: readonly BackendName[],
): Promise<Record<string, string>> {
  const path = fileURLToPath(new URL(file, root))
  const home = file.split('/')[1]
  const variants = on.map((backend) => (backend === 'simd' ? 'fused' : 'plain'))
  const modules: Record<string, string> = {}
  for (const one of home === 'tensor' ? OF_TENSOR : [home]) {
    const folder = fileURLToPath(new URL(`packages/${one}`, root))
    modules[`packages/${one}/src/kernels.generated.ts`] = await compileKernels(
      folder,
      name,
      (source, read) => (join(read) === join(path) ? edit(source) : source),
      variants,
    )
  }
  return modules
}
