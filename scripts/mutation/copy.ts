import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Every file that git knows or would add, and the kernels' modules. */
function filesOf(root: string): string[] {
  const known = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const generated = globSync('{packages,apps}/*/src/**/*.generated.ts', { cwd: root })
  return [...known.split('\0'), ...generated].filter((file) => file !== '' && existsSync(join(root, file)))
}

/** Links what a package depends on; links within the workspace lead to the copy's own packages. */
function linkModules(root: string, copy: string, folder: string): void {
  const [from, to] = [join(root, folder, 'node_modules'), join(copy, folder, 'node_modules')]
  if (!existsSync(from)) return
  for (const name of readdirSync(from)) {
    if (name === '.cache' || name === '.vite') continue
    const [source, target] = [join(from, name), join(to, name)]
    mkdirSync(dirname(target), { recursive: true })
    const isScope = name.startsWith('@') && !lstatSync(source).isSymbolicLink()
    const links = isScope ? readdirSync(source).map((inner) => join(name, inner)) : [name]
    for (const link of links) {
      const real = realpathSync(join(from, link))
      const isOwn = !real.includes('node_modules') && real.startsWith(root)
      mkdirSync(dirname(join(to, link)), { recursive: true })
      symlinkSync(isOwn ? join(copy, real.slice(root.length)) : real, join(to, link))
    }
  }
}

/** Runs say of which commit they are. */
function commit(folder: string): void {
  const git = (...args: string[]): Buffer => execFileSync('git', args, { cwd: folder, stdio: 'pipe' })
  git('init', '-q')
  git('add', '-A')
  git('-c', 'user.name=a copy', '-c', 'user.email=copy@localhost', 'commit', '-qm', 'a copy')
}

/** A copy of the repository as it lies there, in which a file may be changed while tests run on it. */
export interface Copy {
  readonly folder: string
  readonly remove: () => void
}

export function copyRepository(root: string): Copy {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'handgrad-mutants-')))
  for (const file of filesOf(root)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
  const packages = globSync('{packages,apps}/*/package.json', { cwd: root }).map((file) => dirname(file))
  for (const one of ['.', 'verify', ...packages]) linkModules(root, folder, one)
  commit(folder)
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.on('exit', remove)
  return { folder, remove }
}
