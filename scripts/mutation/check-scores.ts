import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { KnownScore } from '../../packages/gradcheck/src/index.ts'
import { readScores } from '../../packages/gradcheck/src/node/index.ts'
import { wrongClaims } from './equivalents.ts'
import { proofFiles } from './judge-proof.ts'
import { mistakesOf } from './mutants.ts'
import { root, sources } from './sources.ts'

/** Of all rows, so many may be of files that have changed since. */
const MOST_STALE = 1 / 3
const TELL = 'run `pnpm mutants --auto <path> --save`'

/** What is wrong with the scores: files without one, or too many that are of other sources. */
export function wrongScores(scores: readonly KnownScore[], files: readonly string[]): string[] {
  const known = new Set(scores.map(({ file }) => file))
  const missing = files
    .filter((file) => !known.has(file))
    .map((file) => `${file} has no mutation score; ${TELL}`)
  const stale = scores.filter(({ isCurrent }) => !isCurrent)
  if (stale.length <= MOST_STALE * scores.length) return missing
  const list = stale.map(({ file, commit }) => `  ${file}, measured at ${commit}`)
  return [
    ...missing,
    `${stale.length} of ${scores.length} mutation scores are of sources that have changed since; ${TELL}:`,
    ...list,
  ]
}

if (import.meta.main) {
  const read = sources().map((file) => ({ file, source: readFileSync(join(root, file), 'utf8') }))
  const all = read.map((one) => ({ ...one, mistakes: mistakesOf(one.file, one.source) }))
  const files = all.filter(({ mistakes }) => mistakes.length > 0).map(({ file }) => file)
  const wrong = [
    ...all.flatMap(({ file, source, mistakes }) => wrongClaims(file, source, mistakes)),
    ...wrongScores(readScores(pathToFileURL(`${root}/`)), [...files, ...proofFiles('')]),
  ]
  for (const line of wrong) console.error(line)
  process.exitCode = wrong.length === 0 ? 0 : 1
}
