import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { difference, toLetters } from '../packages/tensor/src/simd/letters.ts'

/** What each of a package's two modules may use. */
const features = { fused: 'simd,threads,relaxed-simd', plain: 'simd,threads' }

/** Changes a source as it is read, given its path. */
type Edit = (source: string, path: string) => string

async function compile(folder: string, enable: string, edit: Edit): Promise<Uint8Array> {
  const { default: asc } = await import('assemblyscript/asc')
  const entries = globSync('src/**/*.as.ts', { cwd: folder })
    .filter((name) => !name.endsWith('.inline.as.ts'))
    .sort()
  const options = [
    `--baseDir=${folder}`,
    `--enable=${enable}`,
    '--runtime=stub',
    '-O3',
    '--noAssert',
    '--outFile=kernels.wasm',
    '--importMemory',
    '--noExportMemory',
    '--sharedMemory',
    '--initialMemory=1',
    '--maximumMemory=32768',
  ]
  let bytes: Uint8Array | undefined
  const { error, stderr } = await asc.main([...entries, ...options], {
    readFile(name, base) {
      const path = join(base, name)
      return existsSync(path) ? edit(readFileSync(path, 'utf8'), path) : null
    },
    writeFile: (_, contents) => {
      bytes = contents as Uint8Array
    },
  })
  const said = (stderr as { toString(): string }).toString()
  if (error || bytes === undefined || said !== '')
    throw new Error(`kernels of ${folder} do not compile:\n${said}`)
  return bytes
}

/**
 * The text of a package's `kernels.generated.ts`, in letters: the fused module, what differs in the plain one (all of it where
 * only that is asked for), and the hash of what they come from.
 */
export async function compileKernels(
  folder: string,
  hash: string,
  edit: Edit = (source) => source,
  variants: readonly string[] = Object.keys(features),
): Promise<string> {
  const fused = variants.includes('fused') ? await compile(folder, features.fused, edit) : new Uint8Array(0)
  const plain = variants.includes('plain')
    ? difference(fused, await compile(folder, features.plain, edit))
    : ''
  const text = [
    '// Written by `pnpm kernels` from the *.as.ts files of this package. Not in git.',
    `export const sources: string = '${hash}'`,
    `export const fused: string = "${toLetters(fused)}"`,
    `export const plain: string = "${plain}"`,
  ]
  return `${text.join('\n')}\n`
}
