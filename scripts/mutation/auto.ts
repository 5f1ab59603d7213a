import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sourceDigest } from '../../packages/gradcheck/src/node/index.ts'
import { claimFor, claimsOf, wrongClaims } from './equivalents.ts'
import { judgeProof } from './judge-proof.ts'
import { describe, type Mistake, mistakesOf } from './mutants.ts'
import type { Judged, Outcome } from './outcome.ts'
import { coverageFor, onAll, Runner } from './runner.ts'
import { sample } from './sample.ts'
import { roomOf } from './select.ts'
import { root } from './sources.ts'

/** All that was judged of one file. */
export interface FileHunt {
  readonly file: string
  /** The file as it was judged. */
  readonly digest: string
  /** How many mistakes it has. */
  readonly all: number
  readonly judged: readonly Judged[]
}

export interface AutoOptions {
  readonly files: readonly string[]
  /** Derivations and fixtures. */
  readonly proofs: readonly string[]
  /** Mistakes a file. */
  readonly count: number
  readonly seed: number
  readonly runners: number
  /** Whether what the tests run is measured on these very sources, or may be a little older. */
  readonly isExact: boolean
  /** Whether only tests of the files' own rooms look. */
  readonly isNear: boolean
  /** Hears of each as it is judged. */
  readonly onJudged: (judged: Judged) => void
  /** Hears of each file when all of it is. */
  readonly onFile: (hunt: FileHunt) => void
}

/** A derivation has hundreds of changes, a fixture as many as it has numbers. */
const MOST_OF_PROOF = 120

interface Code {
  /** What lies in each file. */
  readonly texts: ReadonlyMap<string, string>
  readonly mistakes: ReadonlyMap<string, readonly Mistake[]>
}

/** The files of code and their mistakes. Throws where comments call too many equivalent. */
function codeOf(files: readonly string[], folder: string): Code {
  const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  const mistakes = new Map([...texts].map(([file, source]) => [file, mistakesOf(file, source)]))
  const wrong = [...texts].flatMap(([file, source]) => wrongClaims(file, source, mistakes.get(file) ?? []))
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  return { texts, mistakes }
}

/** Changes lines and numbers of the proof. */
async function huntProofs(options: AutoOptions, runners: readonly Runner[]): Promise<void> {
  const { proofs, count, seed, onJudged, onFile } = options
  await onAll(runners, proofs, async (file, { copy }) => {
    const digest = sourceDigest(pathToFileURL(join(copy.folder, file)))
    const { all, judged } = await judgeProof(copy.folder, {
      file,
      count: Math.min(count, MOST_OF_PROOF),
      seed,
    })
    for (const one of judged) onJudged(one)
    if (judged.length > 0) onFile({ file, digest, all, judged })
  })
}

/** Puts mistakes into the code, file by file. */
async function huntCode(
  options: AutoOptions,
  { texts, mistakes }: Code,
  runners: readonly Runner[],
): Promise<void> {
  const { files, count, seed, onJudged, onFile } = options
  const { folder } = runners[0].copy
  const chosen = [...texts].map(
    ([file, source]) => [file, sample(mistakes.get(file) ?? [], source, count, seed)] as const,
  )
  const digests = new Map(files.map((file) => [file, sourceDigest(pathToFileURL(join(folder, file)))]))
  const found = new Map<string, Judged[]>(chosen.map(([file]) => [file, []]))
  const sizes = new Map(chosen.map(([file, { length }]) => [file, length]))
  const tell = (mistake: Mistake, outcome: Outcome): void => {
    const { file, line, operator } = mistake
    const source = texts.get(file) as string
    const reason = claimFor(claimsOf(file, source), mistake, source)?.reason ?? null
    const judged = { file, line, operator, change: describe(mistake, source), outcome, reason }
    const own = found.get(file) as Judged[]
    onJudged(judged)
    if (own.push(judged) === sizes.get(file))
      onFile({
        file,
        digest: digests.get(file) as string,
        all: (mistakes.get(file) as readonly Mistake[]).length,
        judged: own,
      })
  }
  const code = files.filter((file) => !file.endsWith('.as.ts'))
  const queue = chosen.flatMap(([, all]) => all)
  // Most mistakes are noticed near by, and to measure what all tests run takes a while.
  const near = code.length === 0 ? [] : await coverageFor(code, runners, root, options.isExact, nearOf(code))
  const far: { mistake: Mistake; before: Outcome & { kind: 'survived' } }[] = []
  await onAll(runners, queue, async (mistake, runner) => {
    const outcome = await runner.judge(mistake, near)
    const isOver = outcome.kind !== 'survived' || options.isNear || mistake.file.endsWith('.as.ts')
    if (isOver) tell(mistake, outcome)
    else far.push({ mistake, before: outcome })
  })
  if (far.length === 0) return
  const seen = new Set(near.map(({ file }) => file))
  const all = await coverageFor(code, runners, root, options.isExact)
  const others = all.filter(({ file }) => !seen.has(file))
  await onAll(runners, far, async ({ mistake, before }, runner) => {
    const outcome = await runner.judge(mistake, others)
    if (outcome.kind !== 'survived') tell(mistake, outcome)
    else tell(mistake, { ...outcome, by: before.by + outcome.by, left: [...before.left, ...outcome.left] })
  })
}

/** Whether a test file is of the room of one of the files. */
function nearOf(files: readonly string[]): (test: string) => boolean {
  const rooms = new Set(files.map(roomOf))
  return (test) => rooms.has(roomOf(test))
}

/** Hunts the mistakes that nobody chose: puts each into a copy of the repository, and runs what should notice it. */
export async function auto(options: AutoOptions): Promise<void> {
  const runners = Array.from({ length: options.runners }, () => new Runner(root))
  try {
    const code = codeOf(options.files, runners[0].copy.folder)
    await huntProofs(options, runners)
    await huntCode(options, code, runners)
  } finally {
    await Promise.all(runners.map((runner) => runner.close()))
  }
}
