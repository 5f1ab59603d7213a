import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { $, chalk, echo } from 'zx'

const fixtures = join(import.meta.dirname, '../fixtures')

/**
 * A Python with the packages of fixtures/requirements.txt: the one that HANDGRAD_PYTHON names, or that of
 * fixtures/.venv, which is made for this and brought up to date when the pinned versions change.
 */
export async function python(): Promise<string> {
  const given = process.env.HANDGRAD_PYTHON
  if (given !== undefined) return given
  const folder = join(fixtures, '.venv')
  const own = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  const requirements = join(fixtures, 'requirements.txt')
  const wanted = readFileSync(requirements, 'utf8')
  const installed = join(folder, 'requirements.txt')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return own
  echo(chalk.dim('making fixtures/.venv from fixtures/requirements.txt (about 1 GB, once)'))
  await $({ stdio: 'inherit' })`python3 -m venv ${folder}`
  await $({ stdio: 'inherit' })`${own} -m pip install --quiet -r ${requirements}`
  writeFileSync(installed, wanted)
  return own
}
