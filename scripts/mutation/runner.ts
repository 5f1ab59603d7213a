import { type Copy, copyRepository } from './copy.ts'
import { CoverageCache, type FileCoverage, measure, testFiles } from './coverage.ts'
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

/** What is known of the test files, and those of which too little is: a file that no test has loaded is a new one. */
function known(
  files: readonly string[],
  root: string,
  cache: CoverageCache,
  isExact: boolean,
  isWanted: (test: string) => boolean,
): { all: FileCoverage[]; stale: string[] } {
  const tests = testFiles(root)
    .filter(isWanted)
    .map((file) => ({ file, coverage: cache.read(file) }))
  const isLoaded = (file: string): boolean =>
    tests.some(({ coverage }) => coverage !== null && file in coverage.digests)
  const isStrict = isExact || !files.every(isLoaded)
  const fits = (one: FileCoverage): boolean => (isStrict ? cache.fits(one) : cache.mostlyFits(one, files))
  return {
    all: tests.flatMap(({ coverage }) => (coverage !== null && fits(coverage) ? [coverage] : [])),
    stale: tests.filter(({ coverage }) => coverage === null || !fits(coverage)).map(({ file }) => file),
  }
}

/** What the tests that are wanted run, measured where it is not known. `isExact`: for these very sources. */
export async function coverageFor(
  files: readonly string[],
  runners: readonly Runner[],
  root: string,
  isExact: boolean,
  isWanted: (test: string) => boolean = () => true,
): Promise<FileCoverage[]> {
  const cache = new CoverageCache(root)
  const { all, stale } = known(files, root, cache, isExact, isWanted)
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
