import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CliError, exitCodes, oneLine } from '../errors.ts'
import { ourScript } from './contenders.ts'

/** A commit of this repository, ready to run in a folder of its own. */
export interface OtherBuild {
  readonly folder: string
  /** The commit's whole hash. */
  readonly commit: string
  /** Removes the folder. */
  remove(): void
}

/**
 * The whole hash of a commit that is named by a hash, a branch or a tag.
 * @throws CliError (usage) when git knows none of that name in the checkout at `root`.
 */
export function commitOf(root: string, name: string): string {
  try {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch (error) {
    const problem = `--compare '${name}': expected a commit of this repository: a hash, a branch or a tag`
    throw new CliError(problem, exitCodes.usage, { cause: error })
  }
}

/**
 * Takes a commit's files out of git into a temporary folder, installs what its lockfile names and builds its kernels.
 * @throws CliError when a step fails, with its last words; the folder is gone then.
 */
export async function buildOther(root: string, commit: string): Promise<OtherBuild> {
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-compare-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  const short = commit.slice(0, 12)
  const step = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      remove()
      throw new CliError(`--compare ${short}: ${what}: ${(error as Error).message}`, undefined, {
        cause: error,
      })
    }
  }
  await step('its files cannot be taken out of git', () => extract(root, commit, folder))
  if (!existsSync(join(folder, ourScript))) {
    remove()
    throw new CliError(`--compare ${short}: it has no ${ourScript}: it is older than this benchmark`)
  }
  await step('its packages cannot be installed', () => runIn(folder, 'pnpm', INSTALL))
  const build = [join(folder, 'scripts/build-kernels.ts')]
  await step('its kernels cannot be built', () => runIn(folder, process.execPath, build))
  return { folder, commit, remove }
}

/** What the program and its kernels need; not the documentation's packages. */
const INSTALL =
  'install --frozen-lockfile --prefer-offline --ignore-scripts --filter {.} --filter {apps/cli}...'.split(' ')

/** Files only: what git says of the checkout (hooks, worktrees) stays as it is. */
async function extract(root: string, commit: string, folder: string): Promise<void> {
  const archive = join(folder, 'commit.tar')
  await runIn(root, 'git', ['archive', '--format=tar', `--output=${archive}`, commit])
  await runIn(folder, 'tar', ['-xf', archive])
  rmSync(archive)
}

/** @throws Error with all that it said on stderr, or the end of it, on one line. */
function runIn(folder: string, command: string, args: readonly string[]): Promise<void> {
  // A production install would leave the compiler out.
  const env = { ...process.env, NODE_ENV: undefined }
  // pnpm is a script there, which only a shell starts.
  const shell = process.platform === 'win32' && command === 'pnpm'
  const child = spawn(command, args, { cwd: folder, env, shell, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2000)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(oneLine(said) || `${command} ended with ${code ?? signal}`))
    })
  })
}
