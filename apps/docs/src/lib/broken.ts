import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mutant, Spec } from '@handgrad/gradcheck'
import { build, type Plugin, type StdinOptions } from 'esbuild'
import { applyMutant } from '../../../../packages/gradcheck/src/mutant.ts'
import { root } from './source.ts'

/** One program to run in the page: the library as it is, or with one mistake in it, and a spec to prove with it. */
export interface Broken {
  readonly slug: string
  /** The spec's folder, which is also that of its fixtures: `conv2d`. */
  readonly folder: string
  readonly title: string
  readonly mutant: Mutant | null
}

const modules = import.meta.glob<{ spec: Spec }>('../../../../packages/*/src/*/spec.ts', { eager: true })

const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')

/** The folders that have a spec, with their specs and where these are. */
const specs = Object.entries(modules).map(([path, { spec }]) => {
  const file = path.replace(/^(\.\.\/)+/, '')
  return { file, folder: file.split('/').at(-2)!, spec }
})

/** The mistakes in the textbook code; those in kernels need another build of the kernels. */
const textbookMutants = ({ mutants }: Spec): Mutant[] => mutants.filter(({ kernel }) => kernel !== true)

/** Every program: for each spec the right one, and one for each of its mutants. */
export const programs: readonly Broken[] = specs.flatMap(({ folder, spec }) => [
  { slug: folder, folder, title: spec.name, mutant: null },
  ...textbookMutants(spec).map((mutant) => ({
    slug: `${folder}-${slugOf(mutant.name)}`,
    folder,
    title: spec.name,
    mutant,
  })),
])

/** The folders of fixtures that the programs read. */
export const fixtureFolders: readonly string[] = specs.map(({ folder }) => folder)

function injecting({ file, ...rest }: Mutant): Plugin {
  const path = join(root, file)
  return {
    name: 'mutant',
    setup(hooks) {
      hooks.onLoad({ filter: /\.ts$/ }, async (args) =>
        args.path === path
          ? { contents: applyMutant({ file, ...rest }, await readFile(path, 'utf8')), loader: 'ts' }
          : undefined,
      )
    },
  }
}

/** All programs share one copy of mathjs, which is large and has no mistakes in it. */
const sharedMath: Plugin = {
  name: 'shared-mathjs',
  setup(hooks) {
    hooks.onResolve({ filter: /^mathjs\/number$/ }, () => ({ path: './mathjs.js', external: true }))
  },
}

/** mathjs for the programs. */
export async function bundleOfMath(): Promise<string> {
  const contents = "export * from 'mathjs/number'"
  return bundle({ contents, resolveDir: join(root, 'packages/gradcheck'), loader: 'ts' }, [])
}

/**
 * Bundles a program for a browser's worker.
 * @throws Error when its mutant no longer applies to the source.
 */
export async function bundleOf({ folder, mutant }: Broken): Promise<string> {
  const { file } = specs.find((spec) => spec.folder === folder)!
  const contents = `import { spec } from ${JSON.stringify(join(root, file))}
import { serve } from ${JSON.stringify(join(root, 'apps/docs/src/workers/broken.ts'))}
serve(spec, ${JSON.stringify(folder)})`
  const mistakes = mutant === null ? [] : [injecting(mutant)]
  return bundle({ contents, resolveDir: root, loader: 'ts' }, [sharedMath, ...mistakes])
}

async function bundle(stdin: StdinOptions, plugins: Plugin[]): Promise<string> {
  const { outputFiles } = await build({
    stdin,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2024',
    minify: true,
    define: { 'import.meta.env.BASE_URL': JSON.stringify(import.meta.env.BASE_URL) },
    plugins,
  })
  return outputFiles[0].text
}
