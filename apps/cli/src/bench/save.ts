import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { CliError } from '../errors.ts'
import { repository } from '../repository.ts'
import { type Machine, type Part, type PartName, type Report, sourcesHash } from './report.ts'

/** Where the machine stands that measures. */
export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()}`,
    node: process.version,
  }
}

/** A part with its date, commit and sources; `seconds` as measured. */
export function stamp<T extends object>(
  part: T,
  command: string,
  seconds: number,
  root: URL = repository,
): Part<T> {
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  const sources = sourcesHash(fileURLToPath(root))
  return { date: new Date().toISOString(), commit, sources, command, seconds, ...part }
}

/** What no commit holds of that which is measured, in the checkout at `root`. */
export function changedSources(root: URL = repository): string[] {
  const paths = ['packages', 'apps/cli', 'bench/peers', 'pnpm-lock.yaml'].map((path) => `:/${path}`)
  const out = execFileSync('git', ['status', '--porcelain', '--', ...paths], { cwd: root, encoding: 'utf8' })
  return out.split('\n').filter((line) => line !== '')
}

/** Refuses to save what no commit holds: the commit in the report would not be what was measured. */
export function requireCommitted(): void {
  const changed = changedSources()
  if (changed.length === 0) return
  throw new CliError(`--save: commit first, these have changed: ${changed.join(', ')}`)
}

/** Puts parts into the report at `path`, in place of what was there from another machine or by the same name. */
export function save(path: string, parts: Partial<Record<PartName, object>>): void {
  const machine = thisMachine()
  const known = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Report) : null
  const same = known !== null && known.schema === 1 && isDeepStrictEqual(known.machine, machine)
  const report = { ...(same ? known : {}), schema: 1, machine, ...parts }
  // On a full disk the old report stays whole.
  writeFileSync(`${path}.tmp`, `${JSON.stringify(report, null, 2)}\n`)
  renameSync(`${path}.tmp`, path)
}
