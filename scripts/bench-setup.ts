import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Installs what `pnpm bench` compares with into `bench/`: the JavaScript peers with pnpm, PyTorch into `bench/.venv` with
 * pip where there is a Python. `--no-python` leaves PyTorch out.
 */
const bench = join(import.meta.dirname, '../bench')
const windows = process.platform === 'win32'
const run = (command: string, args: readonly string[]): void =>
  void execFileSync(command, args, { stdio: 'inherit', shell: windows })

run('pnpm', ['--dir', bench, 'install', '--ignore-workspace', '--ignore-scripts', '--frozen-lockfile'])

const python = ['python3', 'python'].find((name) => {
  const { status, stdout } = spawnSync(name, ['-c', 'import sys, venv; print(sys.version_info >= (3, 10))'], {
    encoding: 'utf8',
  })
  return status === 0 && stdout.trim() === 'True'
})
if (process.argv.includes('--no-python')) console.log('PyTorch is left out: --no-python')
else if (python === undefined) console.log('PyTorch is left out: there is no Python 3.10 or newer with venv')
else {
  const venv = join(bench, '.venv')
  const own = join(venv, windows ? 'Scripts/python.exe' : 'bin/python')
  try {
    if (!existsSync(own)) run(python, ['-m', 'venv', venv])
    run(own, ['-m', 'pip', 'install', '--quiet', '-r', join(bench, 'requirements.txt')])
    console.log('PyTorch is in bench/.venv')
  } catch (error) {
    console.log(`PyTorch is left out: ${(error as Error).message.split('\n')[0]}`)
  }
}
