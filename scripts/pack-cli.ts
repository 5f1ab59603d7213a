import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Packs `apps/cli` as `handgrad`, with a manifest of its own: the command, its built files, and the packages of this
 * commit as dependencies. `--pack-destination <folder>` says where to; here else. Prints the tarball's path.
 */
const root = join(import.meta.dirname, '..')
const cli = join(root, 'apps/cli')
const windows = process.platform === 'win32'

interface Manifest {
  name: string
  version: string
  license: string
  type: string
  dependencies: Record<string, string>
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

/** A dependency as npm knows it: what is `workspace:` here is the version of that folder. */
function published([name, range]: [string, string]): [string, string] {
  if (!range.startsWith('workspace:')) return [name, range]
  return [name, manifestOf(join(root, 'packages', name.replace('@handgrad/', ''))).version]
}

function packedManifest(): object {
  const { version, license, type, dependencies } = manifestOf(cli)
  const about = 'https://github.com/handgrad/handgrad'
  return {
    name: 'handgrad',
    version,
    description: 'Trains a convolutional network with hand-written gradients, on SIMD kernels',
    keywords: ['handgrad', 'deep-learning', 'cnn', 'mnist', 'backpropagation', 'training', 'cli'],
    homepage: `${about}/tree/main/apps/cli#readme`,
    bugs: `${about}/issues`,
    repository: { type: 'git', url: `git+${about}.git`, directory: 'apps/cli' },
    license,
    engines: { node: '>=20' },
    type,
    bin: { handgrad: 'bin/handgrad.cjs' },
    exports: { './package.json': './package.json' },
    files: ['bin', 'dist', 'python', 'CHANGELOG.md'],
    dependencies: Object.fromEntries(Object.entries(dependencies).map(published)),
  }
}

const at = process.argv.indexOf('--pack-destination')
const destination = at < 0 ? process.cwd() : resolve(process.env['INIT_CWD'] ?? '.', process.argv[at + 1])
const staging = mkdtempSync(join(tmpdir(), 'handgrad-cli-'))
try {
  mkdirSync(destination, { recursive: true })
  const compile = ['exec', 'tsc', '-p', 'tsconfig.build.json', '--outDir', join(staging, 'dist')]
  execFileSync('pnpm', compile, { cwd: cli, stdio: ['ignore', 'inherit', 'inherit'], shell: windows })
  for (const name of ['bin', 'python', 'README.md', 'CHANGELOG.md'])
    cpSync(join(cli, name), join(staging, name), { recursive: true })
  cpSync(join(root, 'LICENSE'), join(staging, 'LICENSE'))
  writeFileSync(join(staging, 'package.json'), `${JSON.stringify(packedManifest(), null, 2)}\n`)
  const pack = ['pack', '--silent', '--pack-destination', destination]
  const packed = execFileSync('npm', pack, { cwd: staging, encoding: 'utf8', shell: windows })
  console.log(join(destination, packed.trim()))
} finally {
  rmSync(staging, { recursive: true })
}
