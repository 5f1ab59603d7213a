import { statSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { auto } from './auto.ts'
import { proofFiles } from './judge-proof.ts'
import type { Judged, Outcome } from './outcome.ts'
import { headCommit, save, scored, scoreOf } from './save.ts'
import { lastLine } from './score.ts'
import { root, sources } from './sources.ts'

/**
 * What `pnpm mutants --auto [path…]` takes:
 *
 *     --sample <n>    mistakes a file: 30, or 120 of a file that is named; `all` for all
 *     --seed <n>      which ones: 1
 *     --runners <n>   how many at a time: as many as there are cores
 *     --near          only tests of the same packages look: minutes instead of an hour, and survivors that others would notice
 *     --save          writes the scores into `fixtures/mutants.json`, in the place of those of the same files
 *     --stale         only files that have no row there, or one of other sources: goes on where a run was broken off
 *     --json <file>   one row per mistake
 */
export const autoOptions: {
  readonly sample: { readonly type: 'string' }
  readonly seed: { readonly type: 'string' }
  readonly runners: { readonly type: 'string' }
  readonly near: { readonly type: 'boolean' }
  readonly save: { readonly type: 'boolean' }
  readonly stale: { readonly type: 'boolean' }
} = {
  sample: { type: 'string' },
  seed: { type: 'string' },
  runners: { type: 'string' },
  near: { type: 'boolean' },
  save: { type: 'boolean' },
  stale: { type: 'boolean' },
}

/** Of a room, and of one file. */
const COUNTS = { room: 30, file: 120 }

interface Values {
  readonly sample?: string | undefined
  readonly seed?: string | undefined
  readonly runners?: string | undefined
  readonly near?: boolean | undefined
  readonly save?: boolean | undefined
  readonly stale?: boolean | undefined
  readonly json?: string | undefined
}

function wholeNumber(name: string, text: string, atLeast: number): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < atLeast)
    throw new RangeError(`--${name} is '${text}', expected a whole number ≥ ${atLeast}`)
  return value
}

function countOf({ sample }: Values, paths: readonly string[]): number {
  if (sample === 'all') return Number.POSITIVE_INFINITY
  if (sample !== undefined) return wholeNumber('sample', sample, 1)
  const areFiles =
    paths.length > 0 &&
    paths.every((path) => statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true)
  return areFiles ? COUNTS.file : COUNTS.room
}

/** Who looked and saw nothing. */
function lookers({ by, left }: Outcome & { kind: 'survived' }): string {
  if (by === 0 && left.length === 0) return 'no test runs it'
  const files = `${by} test ${by === 1 ? 'file' : 'files'}`
  return left.length === 0 ? `run by ${files}` : `run by ${files}; no time for all of ${left.join(', ')}`
}

/** A survivor in one line, and who could have noticed. */
function print({ file, line, operator, change, outcome, reason }: Judged): void {
  const what = `${file}:${line}  ${operator}  ${change}`
  if (outcome.kind === 'timed out') console.log(`timed out: ${what}`)
  if (outcome.kind !== 'survived') return
  if (reason !== null) console.log(`equivalent: ${what}  because ${reason}`)
  else console.log(`${what}  (${lookers(outcome)})`)
}

/** Claims that a test refutes. */
function refuted(judged: readonly Judged[]): string[] {
  return judged.flatMap(({ file, line, operator, outcome, reason }) =>
    reason !== null && outcome.kind === 'caught'
      ? [`${file}:${line}: '${operator}' is called equivalent, but ${outcome.by} notices: ${outcome.message}`]
      : [],
  )
}

/** The files below the paths, without those that `skip` has. */
function filesBelow(
  paths: readonly string[],
  skip: ReadonlySet<string>,
): { files: string[]; proofs: string[] } {
  const wanted = paths.length === 0 ? [''] : paths
  const below = (find: (path: string) => string[]): string[] => [...new Set(wanted.flatMap(find))]
  const [files, proofs] = [below(sources), below(proofFiles)]
  if (files.length + proofs.length === 0) throw new Error(`no source to hunt in is at ${paths.join(', ')}`)
  return { files: files.filter((file) => !skip.has(file)), proofs: proofs.filter((file) => !skip.has(file)) }
}

/** Hunts mistakes that nobody chose, and prints those that survive; the exit code is 3 when one does. */
export async function huntAuto(paths: readonly string[], values: Values): Promise<number> {
  // What runs and what lies about is ended and removed as this process ends.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const judged: Judged[] = []
  const seed = wholeNumber('seed', values.seed ?? '1', 0)
  const commit = headCommit()
  await auto({
    ...filesBelow(paths, values.stale === true ? scored() : new Set()),
    count: countOf(values, paths),
    seed,
    isExact: values.save === true,
    isNear: values.near === true,
    runners: wholeNumber('runners', values.runners ?? String(availableParallelism()), 1),
    onJudged(one) {
      print(one)
      if (judged.push(one) % 25 === 0) process.stderr.write(`so far: ${lastLine(judged)}\n`)
    },
    onFile(hunt) {
      if (values.save === true) save(scoreOf(hunt, seed, commit))
    },
  })
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(judged, null, 2)}\n`)
  const wrong = refuted(judged)
  for (const line of wrong) console.error(line)
  console.log(lastLine(judged))
  if (wrong.length > 0) return 1
  return judged.some(({ outcome, reason }) => outcome.kind === 'survived' && reason === null) ? 3 : 0
}
