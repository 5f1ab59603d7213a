import type { FileCoverage } from './coverage.ts'
import { AT_LOAD, ran } from './coverage-record.ts'
import type { Mistake } from './mutants.ts'
import type { Tests } from './suite.ts'

/** Tests that run the place of a mistake, and how long they take, in milliseconds. */
export interface Selection {
  readonly tests: readonly Tests[]
  readonly expected: number
  /** Test files that run it and were left out, for they take too long. */
  readonly left: readonly string[]
}

/** A process, and what it loads. */
const START = 400
/** A file that takes less is run as a whole: what one of its tests leaves behind may fail another. */
const SHORT = 1500

function ofFile(
  { file, tests, failures, isWhole: isAll }: FileCoverage,
  { file: changed, start }: Mistake,
): { tests: Tests; cost: number } | null {
  const reaches = tests.filter((test) => test.ran[changed] !== undefined && ran(test.ran[changed], start))
  if (reaches.length === 0) return null
  const failing = new Set(failures.map(({ test }) => test))
  const time = (all: FileCoverage['tests']): number => all.reduce((sum, one) => sum + one.milliseconds, START)
  const isWhole = time(tests) < SHORT || reaches.some(({ name }) => name === AT_LOAD)
  const wanted = (isWhole ? tests : reaches).filter(({ name }) => !failing.has(name))
  const names = isWhole && isAll && failures.length === 0 ? null : wanted.map(({ name }) => name)
  return { tests: { file, names }, cost: time(wanted) }
}

/** The tests that a mistake is to be noticed by: the quickest first, and those that `budget` milliseconds allow. */
export function select(coverage: readonly FileCoverage[], mistake: Mistake, budget: number): Selection {
  const found = coverage
    .flatMap((one) => ofFile(one, mistake) ?? [])
    .sort((a, b) => a.cost - b.cost || (a.tests.file < b.tests.file ? -1 : 1))
  const taken: typeof found = []
  let expected = 0
  for (const one of found) {
    if (taken.length > 0 && expected + one.cost > budget) break
    if (one.cost > 2 * budget) break
    taken.push(one)
    expected += one.cost
  }
  return {
    tests: taken.map(({ tests }) => tests),
    expected,
    left: found.slice(taken.length).map(({ tests }) => tests.file),
  }
}
