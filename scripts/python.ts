import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { $, chalk, echo } from 'zx'

const fixtures = join(import.meta.dirname, '../fixtures')

/**
 * A Python with the packages of fixtures/requirements.txt: the one that HANDGRAD_PYTHON names, or that of
 * fixtures/.venv, which is made for this and brought up to date when the pinned versions change. HANDGRAD_TORCH names another
 * version of PyTorch, which has a folder of its own beside it.
 */
export async function python(): Promise<string> {
  const given = process.env.HANDGRAD_PYTHON
  if (given !== undefined) return given
  const version = process.env.HANDGRAD_TORCH
  const name = version === undefined ? '.venv' : `.venv-${version}`
  const folder = join(fixtures, name)
  const own = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  const pinned = readFileSync(join(fixtures, 'requirements.txt'), 'utf8')
  const wanted = version === undefined ? pinned : pinned.replace(/^torch==.*$/m, `torch==${version}`)
  const installed = join(folder, 'requirements.txt')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return own
  echo(chalk.dim(`making fixtures/${name} from fixtures/requirements.txt (about 1 GB, once)`))
  await $({ stdio: 'inherit' })`python3 -m venv ${folder}`
  const list = join(folder, 'wanted.txt')
  writeFileSync(list, wanted)
  await $({ stdio: 'inherit' })`${own} -m pip install --quiet -r ${list}`
  writeFileSync(installed, wanted)
  return own
}
