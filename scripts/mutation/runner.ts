import { type Copy, copyRepository } from './copy.ts'
import { type CoverageCache, type FileCoverage, measure, testFiles } from './coverage.ts'
import { judgeCode, type Kills } from './judge-code.ts'
import { KernelJudge } from './judge-kernel.ts'
import type { Mistake } from './mutants.ts'
import type { Outcome } from './outcome.ts'
import { type Suite, suiteOf } from './suite.ts'

/** A copy of the repository, and what judges mistakes in it. */
export class Runner {
  readonly copy: Copy
  readonly #suite: Suite
  readonly #kernels: KernelJudge
  readonly #kills: Kills = new Map()

  constructor(root: string) {
    this.copy = copyRepository(root)
    this.#suite = suiteOf(this.copy.folder)
    this.#kernels = new KernelJudge(this.copy.folder)
  }

  judge(mistake: Mistake, coverage: readonly FileCoverage[]): Promise<Outcome> {
    if (mistake.file.endsWith('.as.ts')) return this.#kernels.judge(mistake)
    return judgeCode({ folder: this.copy.folder, suite: this.#suite, coverage, kills: this.#kills }, mistake)
  }

  async close(): Promise<void> {
    await Promise.all([this.#suite.close(), this.#kernels.close()])
    this.copy.remove()
  }
}

/** Does `work` for all items, on as many runners as there are. */
export async function onAll<T>(
  runners: readonly Runner[],
  items: readonly T[],
  work: (item: T, runner: Runner) => Promise<void>,
): Promise<void> {
  const queue = [...items]
  await Promise.all(
    runners.map(async (runner) => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item, runner)
    }),
  )
}

/** What the tests run, measured where it is not known: of those that loaded one of the files when last seen. */
export async function coverageFor(
  files: readonly string[],
  runners: readonly Runner[],
  root: string,
  cache: CoverageCache,
): Promise<FileCoverage[]> {
  const all: FileCoverage[] = []
  const stale: string[] = []
  for (const file of testFiles(root)) {
    const known = cache.read(file)
    const touches = known === null || cache.isOther(known) || files.some((one) => one in known.digests)
    if (known !== null && (!touches || cache.fits(known))) all.push(known)
    else stale.push(file)
  }
  await onAll(runners, stale, async (file, { copy }) => {
    process.stderr.write(`measuring what ${file} runs\n`)
    const found = await measure(copy.folder, `${copy.folder}/node_modules/.coverage`, file)
    for (const { test, message } of found.failures)
      process.stderr.write(
        `left out, as it fails without any mistake: ${file}: ${test ?? 'all'}: ${message}\n`,
      )
    if (!found.isWhole) process.stderr.write(`left out, as they take too long: the last tests of ${file}\n`)
    cache.write(found)
    all.push(found)
  })
  return all.sort((a, b) => (a.file < b.file ? -1 : 1))
}
