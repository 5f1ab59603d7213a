import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Library } from '../apps/cli/src/conformance/library.ts'

const adapters = join(import.meta.dirname, '../bench/conformance')

/** The last line in which a program says what was wrong. */
function reason(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string }
  const lines = (stderr ?? '').trim().split('\n')
  return lines.findLast((line) => /error/i.test(line)) ?? message.split('\n')[0]
}

/**
 * The program that runs a library's adapter. A Python library gets an environment beside the file of its versions, made
 * when it is missing and anew when they change, unless a Python is named that has it: HANDGRAD_PYTHON for PyTorch.
 * @throws Error where there is no Python, or where it cannot install them.
 */
export function programOf({ from, requirements, given }: Library): string {
  if (from === 'npm' || requirements === undefined) return process.execPath
  const named = given === undefined ? undefined : process.env[given]
  if (named !== undefined) return named
  const file = join(adapters, requirements)
  const wanted = readFileSync(file, 'utf8')
  const folder = join(dirname(file), basename(file).replace('requirements', '.venv').replace('.txt', ''))
  const own = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  const installed = join(folder, 'requirements.txt')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return own
  console.log(`installing ${wanted.trim().split('\n').join(' ')} into ${folder}`)
  try {
    rmSync(folder, { recursive: true, force: true })
    execFileSync('python3', ['-m', 'venv', folder], { encoding: 'utf8', stdio: 'pipe' })
    const pip = ['-m', 'pip', 'install', '--quiet', '-r', file]
    execFileSync(own, pip, { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    throw new Error(`not installed: ${reason(error)}`, { cause: error })
  }
  writeFileSync(installed, wanted)
  return own
}
