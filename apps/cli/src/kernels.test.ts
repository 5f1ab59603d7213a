import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { requireCurrentKernels } from './kernels.ts'
import { repository } from './repository.ts'
import { temporaryFolder } from './test/handgrad.ts'

it('lets the kernels of this checkout pass, which the tests have compiled', async () => {
  await expect(requireCurrentKernels(repository)).resolves.toBeUndefined()
})

it('refuses kernels whose sources changed after they were compiled, and looks for none outside a checkout', async () => {
  const folder = temporaryFolder()
  const root = pathToFileURL(`${folder}/`)
  await expect(requireCurrentKernels(root)).resolves.toBeUndefined()
  const scripts = join(fileURLToPath(repository), 'scripts')
  for (const name of ['build-kernels.ts', 'compile-kernels.ts', 'kernel-sources.ts']) {
    cpSync(join(scripts, name), join(folder, 'scripts', name))
  }
  const src = join(folder, 'packages/tensor/src')
  mkdirSync(src, { recursive: true })
  writeFileSync(join(src, 'a.as.ts'), 'export function a(): void {}')
  writeFileSync(join(src, 'kernels.generated.ts'), `export const sources = '${'0'.repeat(64)}'`)
  await expect(requireCurrentKernels(root)).rejects.toThrow(
    'packages/tensor/src/kernels.generated.ts: compiled from other sources; run pnpm kernels',
  )
})
