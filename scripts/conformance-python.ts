import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Library } from '../apps/cli/src/conformance/library.ts'

const adapters = join(import.meta.dirname, '../bench/conformance')

/** The last line in which a program says what was wrong. */
function reason(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string }
  const lines = (stderr ?? '').trim().split('\n')
  return lines.findLast((line) => /error/i.test(line)) ?? message.split('\n')[0]
}

/**
 * The program that runs a library's adapter. A Python library with versions of its own gets an environment beside the
 * adapters, made when it is missing and anew when the versions change; PyTorch is that of HANDGRAD_PYTHON, or of python3.
 * @throws Error where there is no Python, or where it cannot install them.
 */
export function programOf({ from, requirements }: Library): string {
  if (from === 'npm') return process.execPath
  if (requirements === undefined) return process.env['HANDGRAD_PYTHON'] ?? 'python3'
  const wanted = readFileSync(join(adapters, requirements), 'utf8')
  const folder = join(adapters, requirements.replace('requirements', '.venv').replace('.txt', ''))
  const own = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  const installed = join(folder, 'requirements.txt')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return own
  console.log(`installing ${wanted.trim().split('\n').join(' ')} into ${folder}`)
  try {
    rmSync(folder, { recursive: true, force: true })
    execFileSync('python3', ['-m', 'venv', folder], { encoding: 'utf8', stdio: 'pipe' })
    const pip = ['-m', 'pip', 'install', '--quiet', '-r', join(adapters, requirements)]
    execFileSync(own, pip, { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    throw new Error(`not installed: ${reason(error)}`, { cause: error })
  }
  writeFileSync(installed, wanted)
  return own
}
