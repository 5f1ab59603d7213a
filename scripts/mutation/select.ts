import { basename } from 'node:path'
import type { FileCoverage, TestCoverage } from './coverage.ts'
import { AT_LOAD, ran } from './coverage-record.ts'
import type { Mistake } from './mutants.ts'
import type { Tests } from './suite.ts'

/** Tests that run the place of a mistake, and how long they take, in milliseconds. */
export interface Selection {
  /** First the quickest tests of each file, then the others. */
  readonly steps: readonly (readonly Tests[])[]
  readonly expected: number
  /** Test files that run it and were left out, in part or whole, for they take too long. */
  readonly left: readonly string[]
}

/** A process, and what it loads. */
const START = 400
/** A file that takes less is run as a whole: what one of its tests leaves behind may fail another. */
const SHORT = 1500
/** So much of a longer file comes first: many short looks see more than a long one. */
const LOOK = 600
/** Of the whole time, so much is for first looks. */
const LOOKS = 0.5

interface Candidate {
  readonly coverage: FileCoverage
  /** Those of the file's tests that pass without a mistake and may notice this one: the quickest first. */
  readonly tests: readonly TestCoverage[]
  /** How many mistakes of this file it has caught. */
  readonly caught: number
  /** 3 for the file's own tests, 2 for those of the same room whose names begin alike, 1 for others of the same room. */
  readonly near: number
}

const time = (tests: readonly TestCoverage[]): number =>
  tests.reduce((sum, one) => sum + one.milliseconds, START)

/** The package or app that a file is in. */
export const roomOf = (file: string): string => file.split('/').slice(0, 2).join('/')

/** So many letters make two names alike: `presets.test.ts` is of `preset-files.ts`. */
const ALIKE = 5

function nearness(test: string, file: string): number {
  if (test === file.replace(/\.ts$/, '.test.ts')) return 3
  if (roomOf(test) !== roomOf(file)) return 0
  const letters = basename(file, '.ts').slice(0, ALIKE)
  return letters.length === ALIKE && basename(test).startsWith(letters) ? 2 : 1
}

/** The tests that run the place; what runs as the file is loaded shows in those that run anything of it. */
function reaching(tests: readonly TestCoverage[], { file, start }: Mistake): readonly TestCoverage[] {
  const direct = tests.filter((test) => test.ran[file] !== undefined && ran(test.ran[file], start))
  if (direct.every(({ name }) => name !== AT_LOAD)) return direct
  const using = tests.filter(({ name, ran: files }) => name !== AT_LOAD && files[file] !== undefined)
  return using.length > 0 ? using : tests
}

function candidate(
  coverage: FileCoverage,
  mistake: Mistake,
  kills: ReadonlyMap<string, number>,
): Candidate | null {
  const failing = new Set(coverage.failures.map(({ test }) => test))
  const passing = coverage.tests.filter(({ name }) => !failing.has(name))
  const reaches = reaching(passing, mistake)
  if (reaches.length === 0) return null
  const tests = time(passing) < SHORT ? passing : reaches.toSorted((a, b) => a.milliseconds - b.milliseconds)
  return {
    coverage,
    tests,
    caught: kills.get(coverage.file) ?? 0,
    near: nearness(coverage.file, mistake.file),
  }
}

/** A file's quickest tests; all of a short one. */
const lookOf = ({ tests }: Candidate): readonly TestCoverage[] =>
  time(tests) < SHORT ? tests : fitting(tests, START + LOOK)

/**
 * What has caught before comes first, then tests of the same room, of those the short ones, which look at little else; then
 * what looks in the most ways.
 */
function inOrder(a: Candidate, b: Candidate): number {
  return (
    b.caught - a.caught ||
    b.near - a.near ||
    Number(isShort(b)) - Number(isShort(a)) ||
    lookOf(b).length - lookOf(a).length
  )
}

const isShort = ({ tests }: Candidate): boolean => time(tests) < SHORT

/** What a file is asked. */
function asked({ coverage, tests }: Candidate, taken: readonly TestCoverage[]): Tests {
  const isFile = taken.length === coverage.tests.length && coverage.isWhole
  const names = (isFile ? [] : taken).map(({ name }) => name).filter((name) => name !== AT_LOAD)
  return { file: coverage.file, names: isFile || (names.length === 0 && tests.length > 0) ? null : names }
}

/** The first tests that fit in so many milliseconds. */
function fitting(tests: readonly TestCoverage[], milliseconds: number): TestCoverage[] {
  let left = milliseconds - START
  return tests.filter((test) => {
    if (test.milliseconds > left) return false
    left -= test.milliseconds
    return true
  })
}

/**
 * The tests that a mistake is to be noticed by, as many as `budget` milliseconds allow. `kills`: how many mistakes of
 * the file each test file has caught.
 */
export function select(
  coverage: readonly FileCoverage[],
  mistake: Mistake,
  budget: number,
  kills: ReadonlyMap<string, number> = new Map(),
): Selection {
  const found = coverage.flatMap((one) => candidate(one, mistake, kills) ?? []).sort(inOrder)
  const [looks, rest, left]: [Tests[], Tests[], string[]] = [[], [], []]
  const later: Candidate[] = []
  let expected = 0
  for (const one of found) {
    const look = lookOf(one)
    if (look.length === 0 || expected + time(look) > LOOKS * budget) {
      later.push(one)
      continue
    }
    looks.push(asked(one, look))
    expected += time(look)
    const others = one.tests.filter((test) => !look.includes(test))
    if (others.length > 0) later.push({ ...one, tests: others })
  }
  for (const one of later.sort(inOrder)) {
    // The first of all may take longer: it may be the only one.
    const more = fitting(one.tests, expected === 0 ? 2 * budget : budget - expected)
    if (more.length < one.tests.length) left.push(one.coverage.file)
    if (more.length === 0) continue
    rest.push(asked(one, more))
    expected += time(more)
  }
  return { steps: [looks, rest].filter(({ length }) => length > 0), expected, left }
}
