import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { FileScore, ScoreFile } from '../../packages/gradcheck/src/index.ts'
import { readScores, scoreFile } from '../../packages/gradcheck/src/node/index.ts'
import type { FileHunt } from './auto.ts'
import type { Judged } from './outcome.ts'
import { tally } from './score.ts'
import { root } from './sources.ts'

const home = pathToFileURL(`${root}/`)

/** How the mistakes of each operator fared, of those that were caught or survived. */
function byOperator(judged: readonly Judged[]): FileScore['operators'] {
  const groups = Map.groupBy(judged, ({ operator }) => operator)
  return Object.fromEntries(
    [...groups]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([operator, all]) => {
        const { caught, survived } = tally(all)
        return [operator, { caught, mutants: caught + survived }]
      }),
  )
}

/** The row of a file. */
export function scoreOf({ file, digest, all, judged }: FileHunt, seed: number, commit: string): FileScore {
  const { caught, survived, equivalent, timedOut, noCode } = tally(judged)
  const counts = { caught, mutants: caught + survived, equivalent, timedOut, noCode, all }
  return { file, ...counts, seed, operators: byOperator(judged), commit, digest }
}

/** A new row in the place of the file's old one. */
export function merged(known: readonly FileScore[], found: FileScore): FileScore[] {
  const others = known.filter(({ file }) => file !== found.file)
  return [...others, found].sort((a, b) => (a.file < b.file ? -1 : 1))
}

export const headCommit = (): string =>
  execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()

/** Writes a row into `fixtures/mutants.json`: one a line, so that a change is a line; none of files that are gone. */
export function save(found: FileScore): void {
  const path = scoreFile(home)
  const known: ScoreFile = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : { format: 1, files: [] }
  const files = merged(known.files, found).filter(({ file }) => existsSync(new URL(file, home)))
  const rows = files.map((row) => JSON.stringify(row))
  writeFileSync(path, `{"format":1,"files":[\n${rows.join(',\n')}\n]}\n`)
}

/** Files that have a row of their present sources. */
export function scored(): Set<string> {
  return new Set(readScores(home).flatMap(({ file, isCurrent }) => (isCurrent ? [file] : [])))
}
