import type { FileCoverage, TestCoverage } from './coverage.ts'
import { AT_LOAD, ran } from './coverage-record.ts'
import type { Mistake } from './mutants.ts'
import type { Tests } from './suite.ts'

/** Tests that run the place of a mistake, and how long they take, in milliseconds. */
export interface Selection {
  /** Those to try alone before all others. */
  readonly first: Tests | null
  readonly tests: readonly Tests[]
  readonly expected: number
  /** Test files that run it and were left out, in part or whole, for they take too long. */
  readonly left: readonly string[]
}

/** A process, and what it loads. */
const START = 400
/** A file that takes less is run as a whole: what one of its tests leaves behind may fail another. */
const SHORT = 1500
/** So much of a long file is tried before all. */
const PROBE = 800
/** Tests of another package are tried later, as if they took so many times as long. */
const FAR = 3

interface Candidate {
  readonly coverage: FileCoverage
  /** Those of the file's tests that pass without a mistake and may notice this one. */
  readonly tests: readonly TestCoverage[]
  readonly cost: number
  /** The order: the quickest first, and those of the same room. */
  readonly rank: number
}

const time = (tests: readonly TestCoverage[]): number =>
  tests.reduce((sum, one) => sum + one.milliseconds, START)

const roomOf = (file: string): string => file.split('/').slice(0, 2).join('/')

/** The tests that run the place; what runs as the file is loaded shows in those that run anything of it. */
function reaching(tests: readonly TestCoverage[], { file, start }: Mistake): readonly TestCoverage[] {
  const direct = tests.filter((test) => test.ran[file] !== undefined && ran(test.ran[file], start))
  if (direct.every(({ name }) => name !== AT_LOAD)) return direct
  const using = tests.filter(({ name, ran: files }) => name !== AT_LOAD && files[file] !== undefined)
  return using.length > 0 ? using : tests
}

function candidate(coverage: FileCoverage, mistake: Mistake): Candidate | null {
  const failing = new Set(coverage.failures.map(({ test }) => test))
  const passing = coverage.tests.filter(({ name }) => !failing.has(name))
  const reaches = reaching(passing, mistake)
  if (reaches.length === 0) return null
  const tests = time(passing) < SHORT ? passing : reaches
  const cost = time(tests)
  const isNear = roomOf(coverage.file) === roomOf(mistake.file)
  return { coverage, tests, cost, rank: isNear ? cost : FAR * cost }
}

/** What a file is asked: its tests that fit in what time is left. */
function fitting(
  { coverage, tests }: Candidate,
  milliseconds: number,
): { tests: Tests; cost: number; isAll: boolean } {
  let cost = START
  const taken = tests.filter((test) => {
    if (cost + test.milliseconds > milliseconds) return false
    cost += test.milliseconds
    return true
  })
  const isFile = taken.length === coverage.tests.length && coverage.isWhole
  const names = taken.map(({ name }) => name).filter((name) => name !== AT_LOAD)
  return {
    tests: { file: coverage.file, names: isFile ? null : names },
    cost,
    isAll: taken.length === tests.length,
  }
}

/** The quickest tests of a long file of the same room: most mistakes show there. */
function probe(found: readonly Candidate[], { file }: Mistake): Tests | null {
  const near = found.find((one) => roomOf(one.coverage.file) === roomOf(file))
  if (near === undefined || near.cost < SHORT) return null
  const quickest = near.tests.toSorted((a, b) => a.milliseconds - b.milliseconds)
  return fitting({ ...near, tests: quickest }, START + PROBE).tests
}

/** The tests that a mistake is to be noticed by: the nearest and quickest first, as many as `budget` milliseconds allow. */
export function select(coverage: readonly FileCoverage[], mistake: Mistake, budget: number): Selection {
  const found = coverage.flatMap((one) => candidate(one, mistake) ?? []).sort((a, b) => a.rank - b.rank)
  const tests: Tests[] = []
  const left: string[] = []
  let expected = 0
  for (const one of found) {
    // The first may take longer: it may be the only one.
    const part = fitting(one, tests.length === 0 ? 2 * budget : budget - expected)
    if (!part.isAll) left.push(one.coverage.file)
    if (part.tests.names?.length === 0) continue
    tests.push(part.tests)
    expected += part.cost
  }
  return { first: probe(found, mistake), tests, expected, left }
}
