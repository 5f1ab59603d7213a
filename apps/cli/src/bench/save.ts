import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import { CliError } from '../errors.ts'
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
export function stamp<T extends object>(part: T, command: string, seconds: number): Part<T> {
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
  return { date: new Date().toISOString(), commit, sources: sourcesHash(), command, seconds, ...part }
}

/** Refuses to save what no commit holds: the commit in the report would not be what was measured. */
export function requireCommitted(): void {
  const changed = execFileSync(
    'git',
    ['status', '--porcelain', '--', ':/packages', ':/apps/cli', ':/bench/peers'],
    {
      encoding: 'utf8',
    },
  ).trim()
  if (changed === '') return
  throw new CliError(`--save: commit first, these have changed: ${changed.split('\n').join(', ')}`)
}

/** Puts parts into the report at `path`, in place of what was there from another machine or by the same name. */
export function save(path: string, parts: Partial<Record<PartName, object>>): void {
  const machine = thisMachine()
  const known = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Report) : null
  const same = known !== null && known.schema === 1 && isDeepStrictEqual(known.machine, machine)
  const report = { ...(same ? known : {}), schema: 1, machine, ...parts }
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`)
}
