import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { repository } from './repository.ts'
import { temporaryFolder } from './test/handgrad.ts'

const root = fileURLToPath(repository).replace(/\/$/, '')

/** Where `io` says that the user stands, asked in a process of its own. */
function askedIn(cwd: string, initCwd: string | undefined, io = join(root, 'apps/cli/src/io.ts')): string {
  const script = `import { userFolder } from ${JSON.stringify(pathToFileURL(io).href)}; console.log(userFolder())`
  const env = { ...process.env, INIT_CWD: initCwd }
  const options = { cwd, env, encoding: 'utf8' } as const
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], options)
  expect(stderr).toBe('')
  return stdout.trim()
}

it('is where pnpm was started, for the scripts of this repository', () => {
  const there = temporaryFolder()
  expect(askedIn(root, there)).toBe(there)
  expect(askedIn(join(root, 'apps/cli'), there)).toBe(there)
  expect(askedIn(root, undefined)).toBe(root)
  expect(askedIn(root, '')).toBe(root)
})

it('is where one stands elsewhere, whatever another script has left in INIT_CWD', () => {
  const here = realpathSync(temporaryFolder())
  expect(askedIn(here, temporaryFolder())).toBe(here)
  expect(askedIn(join(root, 'packages/data'), here)).toBe(join(root, 'packages/data'))
})

it('is the project where the program is installed', () => {
  const project = realpathSync(temporaryFolder())
  const installed = join(project, 'modules/handgrad/dist')
  mkdirSync(installed, { recursive: true })
  cpSync(join(root, 'apps/cli/src/io.ts'), join(installed, 'io.ts'))
  expect(askedIn(project, temporaryFolder(), join(installed, 'io.ts'))).toBe(project)
})
