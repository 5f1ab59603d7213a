import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CoverageCache } from './coverage.ts'
import { claimFor, claimsOf, wrongClaims } from './equivalents.ts'
import { type Mistake, mistakesOf } from './mutants.ts'
import type { Judged } from './outcome.ts'
import { coverageFor, onAll, Runner } from './runner.ts'
import { sample } from './sample.ts'
import { root } from './sources.ts'

export interface AutoOptions {
  readonly files: readonly string[]
  /** Mistakes a file. */
  readonly count: number
  readonly seed: number
  readonly runners: number
  /** Hears of each as it is judged, with the text of its file. */
  readonly onJudged: (judged: Judged, source: string) => void
}

/** The mistakes to judge. Throws where comments call too many equivalent. */
function chosen(texts: ReadonlyMap<string, string>, count: number, seed: number): Mistake[] {
  const mistakes: Mistake[] = []
  const wrong: string[] = []
  for (const [file, source] of texts) {
    const all = mistakesOf(file, source)
    wrong.push(...wrongClaims(file, source, all))
    mistakes.push(...sample(all, source, count, seed))
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  return mistakes
}

/** Hunts the mistakes that nobody chose: puts each into a copy of the repository, and runs what should notice it. */
export async function auto({ files, count, seed, runners, onJudged }: AutoOptions): Promise<Judged[]> {
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
  const mistakes = chosen(texts, count, seed)
  const all = Array.from({ length: runners }, () => new Runner(root))
  const judged: Judged[] = []
  try {
    const code = files.filter((file) => !file.endsWith('.as.ts'))
    const coverage = code.length === 0 ? [] : await coverageFor(code, all, root, new CoverageCache(root))
    await onAll(all, mistakes, async (mistake, runner) => {
      const source = texts.get(mistake.file) as string
      const outcome = await runner.judge(mistake, coverage)
      const claim = claimFor(claimsOf(mistake.file, source), mistake, source)
      const one = { mistake, outcome, reason: claim?.reason ?? null }
      judged.push(one)
      onJudged(one, source)
    })
  } finally {
    await Promise.all(all.map((runner) => runner.close()))
  }
  return judged
}
