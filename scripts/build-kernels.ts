import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashSources } from './kernel-sources.ts'

/**
 * Compiles every package's `*.as.ts` to two WebAssembly modules, with and without fused multiply-add, and writes them
 * as base64 into `src/kernels.generated.ts`, where the sources changed since. `--check` only says what is stale.
 */
const root = join(import.meta.dirname, '..')
const features = { fused: 'simd,threads,relaxed-simd', plain: 'simd,threads' }

/** The packages that have kernels: found, not listed. */
function packages(): string[] {
  const files = globSync('packages/*/src/**/*.as.ts', { cwd: root })
  return [...new Set(files.map((file) => file.replaceAll('\\', '/').split('/')[1]))]
}

async function compile(folder: string, enable: string): Promise<string> {
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
    readFile: (name, base) => readIfThere(join(base, name)),
    writeFile: (_, contents) => {
      bytes = contents as Uint8Array
    },
  })
  const said = (stderr as { toString(): string }).toString()
  if (error || bytes === undefined || said !== '')
    throw new Error(`kernels of ${folder} do not compile:\n${said}`)
  return Buffer.from(bytes).toString('base64')
}

const readIfThere = (file: string): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null)

async function build(name: string): Promise<void> {
  const folder = join(root, 'packages', name)
  const target = join(folder, 'src/kernels.generated.ts')
  const hash = hashSources(join(folder, 'src'))
  if (readIfThere(target)?.includes(`'${hash}'`)) return
  if (process.argv.includes('--check')) throw new Error(`${target} is stale; run \`pnpm kernels\``)
  const fused = await compile(folder, features.fused)
  const plain = await compile(folder, features.plain)
  const text = [
    '// Written by `pnpm kernels` from the *.as.ts files of this package. Not in git.',
    `export const sources: string = '${hash}'`,
    `export const fused: string = '${fused}'`,
    `export const plain: string = '${plain}'`,
  ]
  writeFileSync(target, `${text.join('\n')}\n`)
  console.error(`built the kernels of ${name}`)
}

for (const name of packages()) await build(name)
