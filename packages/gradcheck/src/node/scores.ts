import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { KnownScore, ScoreFile } from '../scores.ts'

const FILE = 'fixtures/mutants.json'

/** SHA-256 of a source, whatever its line ends are. */
export function sourceDigest(path: URL): string {
  return createHash('sha256').update(readFileSync(path, 'utf8').replaceAll('\r\n', '\n')).digest('hex')
}

/** Where the scores of a repository are. */
export const scoreFile = (root: URL): URL => new URL(FILE, root)

/** The scores that `pnpm mutants --auto --save` left, of files that are still there; none before its first run. */
export function readScores(root: URL): KnownScore[] {
  const path = scoreFile(root)
  if (!existsSync(path)) return []
  const { format, files } = JSON.parse(readFileSync(path, 'utf8')) as Omit<ScoreFile, 'format'> & {
    format: number
  }
  if (format !== 1) throw new Error(`${FILE} has the format ${format}, expected 1`)
  return files
    .filter(({ file }) => existsSync(new URL(file, root)))
    .map((score) => ({ ...score, isCurrent: sourceDigest(new URL(score.file, root)) === score.digest }))
}
