import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CoverageCache } from './coverage.ts'
import { claimFor, claimsOf, wrongClaims } from './equivalents.ts'
import { judgeProof } from './judge-proof.ts'
import { describe, type Mistake, mistakesOf } from './mutants.ts'
import type { Judged } from './outcome.ts'
import { coverageFor, onAll, Runner } from './runner.ts'
import { sample } from './sample.ts'
import { root } from './sources.ts'

export interface AutoOptions {
  readonly files: readonly string[]
  /** Derivations and fixtures. */
  readonly proofs: readonly string[]
  /** Mistakes a file. */
  readonly count: number
  readonly seed: number
  readonly runners: number
  /** Hears of each as it is judged. */
  readonly onJudged: (judged: Judged) => void
}

/** A derivation has hundreds of changes, a fixture as many as it has numbers. */
const MOST_OF_PROOF = 120

/** What was judged, and how many mistakes each file has. */
export interface Hunt {
  readonly judged: readonly Judged[]
  readonly all: ReadonlyMap<string, number>
}

/** The mistakes of files. Throws where comments call too many equivalent. */
function allOf(texts: ReadonlyMap<string, string>): Map<string, Mistake[]> {
  const mistakes = new Map([...texts].map(([file, source]) => [file, mistakesOf(file, source)]))
  const wrong = [...texts].flatMap(([file, source]) => wrongClaims(file, source, mistakes.get(file) ?? []))
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  return mistakes
}

/** Hunts the mistakes that nobody chose: puts each into a copy of the repository, and runs what should notice it. */
export async function auto({ files, proofs, count, seed, runners, onJudged }: AutoOptions): Promise<Hunt> {
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
  const mistakes = allOf(texts)
  const chosen = [...texts].flatMap(([file, source]) => sample(mistakes.get(file) ?? [], source, count, seed))
  const all = Array.from({ length: runners }, () => new Runner(root))
  const judged: Judged[] = []
  const sizes = new Map([...mistakes].map(([file, { length }]) => [file, length]))
  const add = (one: Judged): void => {
    judged.push(one)
    onJudged(one)
  }
  try {
    await onAll(all, proofs, async (file, { copy }) => {
      const answer = await judgeProof(copy.folder, { file, count: Math.min(count, MOST_OF_PROOF), seed })
      sizes.set(file, answer.all)
      for (const one of answer.judged) add(one)
    })
    const code = files.filter((file) => !file.endsWith('.as.ts'))
    const coverage = code.length === 0 ? [] : await coverageFor(code, all, root, new CoverageCache(root))
    await onAll(all, chosen, async (mistake, runner) => {
      const source = texts.get(mistake.file) as string
      const outcome = await runner.judge(mistake, coverage)
      const claim = claimFor(claimsOf(mistake.file, source), mistake, source)
      const { file, line, operator } = mistake
      add({ file, line, operator, change: describe(mistake, source), outcome, reason: claim?.reason ?? null })
    })
  } finally {
    await Promise.all(all.map((runner) => runner.close()))
  }
  return { judged, all: sizes }
}
