import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
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
  // Not its tsconfig.json, which extends one that is not here.
  const filter = (file: string): boolean => !file.endsWith('.json')
  cpSync(new URL('scripts', repository), join(folder, 'scripts'), { recursive: true, filter })
  const src = join(folder, 'packages/tensor/src')
  const letters = 'simd/letters.ts'
  cpSync(new URL(`packages/tensor/src/${letters}`, repository), join(src, letters))
  writeFileSync(join(src, 'a.as.ts'), 'export function a(): void {}')
  writeFileSync(join(src, 'kernels.generated.ts'), `export const sources = '${'0'.repeat(64)}'`)
  await expect(requireCurrentKernels(root)).rejects.toThrow(
    'the kernels of tensor were compiled from other sources; run pnpm kernels',
  )
})
