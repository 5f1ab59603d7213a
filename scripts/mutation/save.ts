import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { FileScore, ScoreFile } from '../../packages/gradcheck/src/index.ts'
import { scoreFile, sourceDigest } from '../../packages/gradcheck/src/node/index.ts'
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

/** The score of each file of a hunt. `all`: how many mistakes each file has. */
export function scoresOf(
  judged: readonly Judged[],
  all: ReadonlyMap<string, number>,
  seed: number,
  made: { readonly commit: string; readonly digest: (file: string) => string },
): FileScore[] {
  return [...Map.groupBy(judged, ({ file }) => file)].map(([file, own]) => {
    const { caught, survived, equivalent, timedOut, noCode } = tally(own)
    const counts = {
      caught,
      mutants: caught + survived,
      equivalent,
      timedOut,
      noCode,
      all: all.get(file) ?? own.length,
    }
    return {
      file,
      ...counts,
      seed,
      operators: byOperator(own),
      commit: made.commit,
      digest: made.digest(file),
    }
  })
}

/** New rows in the place of those of the same files; rows of files that are gone are left out. */
export function merged(known: readonly FileScore[], found: readonly FileScore[]): FileScore[] {
  const files = new Map([...known, ...found].map((score) => [score.file, score]))
  return [...files.values()].sort((a, b) => (a.file < b.file ? -1 : 1))
}

/** Writes what a hunt found into `fixtures/mutants.json`: one row a line, so that a change is a line. */
export function save(judged: readonly Judged[], all: ReadonlyMap<string, number>, seed: number): void {
  const path = scoreFile(home)
  const known: ScoreFile = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : { format: 1, files: [] }
  const commit = execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], {
    cwd: root,
    encoding: 'utf8',
  }).trim()
  const digest = (file: string): string => sourceDigest(new URL(file, home))
  const files = merged(known.files, scoresOf(judged, all, seed, { commit, digest }))
  const rows = files.filter(({ file }) => existsSync(new URL(file, home))).map((row) => JSON.stringify(row))
  writeFileSync(path, `{"format":1,"files":[\n${rows.join(',\n')}\n]}\n`)
}
