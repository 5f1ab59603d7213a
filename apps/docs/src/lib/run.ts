import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './source.ts'

/**
 * What a program of this repo prints, run now.
 * @throws Error when it ends with another exit code: a page must not show a program that does not run.
 */
export function outputOf(file: string, args: readonly string[] = [], exitCode = 0): string {
  const env = { ...process.env, INIT_CWD: root, NO_COLOR: '1', FORCE_COLOR: '0', COLUMNS: '80' }
  const { status, stdout, stderr } = spawnSync('node', [join(root, file), ...args], {
    encoding: 'utf8',
    cwd: root,
    env,
  })
  if (status === exitCode) return (stdout || stderr).trimEnd()
  throw new Error(`${file} ${args.join(' ')} ended with ${status}, expected ${exitCode}: ${stderr}`)
}
