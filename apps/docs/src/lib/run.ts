import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './source.ts'

/**
 * What a program of this repo prints, run now.
 * @throws Error when it fails: a page must not show a program that does not run.
 */
export function outputOf(file: string, args: readonly string[] = []): string {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', COLUMNS: '80' }
  return execFileSync('node', [join(root, file), ...args], { encoding: 'utf8', cwd: root, env }).trimEnd()
}
