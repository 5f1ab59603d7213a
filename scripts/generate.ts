import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '../apps/cli/src/bench/report.ts'
import { speedSection } from './speed-table.ts'

/**
 * Writes `index.ts` and `specs.ts` of the packages whose parts are found by folder: a new layer, loss or optimizer
 * edits no list. README's figures of speed, from `bench/results.json`; the versions by which copies of tensor, and a
 * worker of another trainer, are told apart; and the trainer's presets as code. `--check` writes nothing and exits with 1 when a file is stale.
 */
const root = join(import.meta.dirname, '..')
const speedMarks = ['<!-- written by `pnpm generate` from bench/results.json -->', '<!-- end -->'] as const
const packages = ['packages/layers', 'packages/loss-optim']
const header = '// Written by `pnpm generate` from the folders beside it.\n'
const proofFiles = new Set(['spec.ts', 'derivation.ts', 'mutants.ts'])

/** The names a module offers, types marked: exports whose comment is tagged @internal are not part of it. */
function publicNames(file: string): string[] {
  const source = readFileSync(file, 'utf8')
  const declaration =
    /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*)?^export (?:abstract )?(class|function|const|interface|type) (\w+)/gm
  return [...source.matchAll(declaration)]
    .filter(([, comment]) => !comment?.includes('@internal'))
    .map(([, , kind, name]) => (kind === 'interface' || kind === 'type' ? `type ${name}` : name))
    .sort((a, b) => a.replace('type ', '').localeCompare(b.replace('type ', '')))
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[\w-]+\.ts$/.test(entry.name) && !proofFiles.has(entry.name))
    .map((entry) => entry.name)
    .sort()
}

function folders(src: string): string[] {
  return readdirSync(src, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'test')
    .map((entry) => entry.name)
    .sort()
}

/** The modules of a package that users see: top-level ones, and in each folder the one of its name or all of them. */
function modules(src: string): string[] {
  const top = sources(src).filter((name) => name !== 'index.ts' && name !== 'specs.ts')
  const inFolders = folders(src).flatMap((folder) => {
    const own = `${folder}.ts`
    return (existsSync(join(src, folder, own)) ? [own] : sources(join(src, folder))).map(
      (name) => `${folder}/${name}`,
    )
  })
  return [...top, ...inFolders]
}

function indexOf(src: string): string {
  const lines = modules(src)
    .map((module) => ({ module, names: publicNames(join(src, module)) }))
    .filter(({ names }) => names.length > 0)
    .map(({ module, names }) => `export { ${names.join(', ')} } from './${module}'\n`)
  return header + lines.join('')
}

function specsOf(src: string): string {
  const named = folders(src).filter((folder) => existsSync(join(src, folder, 'spec.ts')))
  const id = (folder: string): string => folder.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const lines = named.map((folder) => `export { spec as ${id(folder)} } from './${folder}/spec.ts'\n`)
  return header + (lines.join('') || 'export {}\n')
}

/** README with the part between the two marks written anew. */
function readme(text: string): string {
  const report = JSON.parse(readFileSync(join(root, 'bench/results.json'), 'utf8')) as Report
  const [before, rest] = text.split(speedMarks[0])
  const after = rest?.split(speedMarks[1])[1]
  if (after === undefined) throw new Error(`README.md lacks ${speedMarks.join(' or ')}`)
  return `${before}${speedMarks[0]}\n\n${speedSection(report)}\n\n${speedMarks[1]}${after}`
}

/** What the package's manifest says, as code: importing JSON is not for every bundler. */
function versionOf(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    version: string
  }
  return `// Written by \`pnpm generate\` from package.json.\nexport const version = '${version}'\n`
}

/** The files of a folder as code, for the same reason. */
function presetsOf(folder: string): string {
  const files = readdirSync(join(root, folder)).sort()
  const read = (file: string): [string, unknown] => [
    file.replace('.json', ''),
    JSON.parse(readFileSync(join(root, folder, file), 'utf8')),
  ]
  const presets = JSON.stringify(Object.fromEntries(files.map(read)))
  const code = `// Written by \`pnpm generate\` from presets/.\nexport const presetFiles = ${presets} as const\n`
  const biome = join(root, 'node_modules/.bin/biome')
  return execFileSync(biome, ['format', '--stdin-file-path=presets.ts'], {
    cwd: root,
    input: code,
    encoding: 'utf8',
  })
}

/** The template with the versions of the packages that it is made of. */
function template(text: string): string {
  const current = (line: string, name: string): string => {
    const folder = join(root, 'packages', name)
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    return line.replace(/"[^"]*"(,?)$/, `"${version}"$1`)
  }
  return text.replace(/^ *"@handgrad\/([\w-]+)": .*$/gm, current)
}

const written: [path: string, write: (old: string) => string][] = [
  ...packages.flatMap((folder): typeof written => [
    [`${folder}/src/index.ts`, () => indexOf(join(root, folder, 'src'))],
    [`${folder}/src/specs.ts`, () => specsOf(join(root, folder, 'src'))],
  ]),
  ['packages/tensor/src/version.ts', () => versionOf('packages/tensor')],
  ['packages/trainer/src/version.ts', () => versionOf('packages/trainer')],
  ['packages/trainer/src/preset-files.ts', () => presetsOf('packages/trainer/src/presets')],
  ['packages/create-handgrad/template/package.json', template],
  ['README.md', readme],
]
const stale: string[] = []
for (const [path, write] of written) {
  const file = join(root, path)
  const old = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const text = write(old)
  if (old === text) continue
  stale.push(path)
  if (!process.argv.includes('--check')) writeFileSync(file, text)
}
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}; run \`pnpm generate\``)
  process.exit(1)
}
