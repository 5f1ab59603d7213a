import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { busy } from './asked-process.ts'
import { AT_LOAD, type Pieces, piecesRun, type RawRecord, union } from './coverage-record.ts'
import { type Failure, measuringSuiteOf } from './suite.ts'

/** What a test ran, file by file. */
export interface TestCoverage {
  readonly name: string
  readonly milliseconds: number
  readonly ran: Readonly<Record<string, Pieces>>
}

/** What a test file's tests ran, when its sources and what they run were these. */
export interface FileCoverage {
  readonly file: string
  /** Digests of the test file and of all that it loads. */
  readonly digests: Readonly<Record<string, string>>
  /** What fails without any mistake says nothing. */
  readonly failures: readonly Failure[]
  readonly measuredBy: number
  /** False where there was no time for all of its tests. */
  readonly isWhole: boolean
  readonly tests: readonly TestCoverage[]
}

/** Raised when more tests can run in a copy than before: those that failed are measured again. */
const MEASURED_BY = 3
/** Milliseconds that a test file may take: `pnpm test` has time for the others, the hunt has not. */
const LIMIT = 60_000
/** Not for a copy: what packs and installs the packages, and what tests this hunt. */
const APART = /^scripts\/(mutation\/|packages\.)|\.torch\.test\.ts$/

export const digest = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')

function digestOf(root: string, file: string): string {
  const path = join(root, file)
  return existsSync(path) ? digest(readFileSync(path)) : ''
}

/** Every test file of `pnpm test`. */
export function testFiles(root: string): string[] {
  const patterns = ['{packages/*,apps/cli}/src/**/*.test.ts', 'scripts/*.test.ts']
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !APART.test(file))
    .sort()
}

/** Adds what a script ran to what is known, by the file's path in the repository. */
function add(ran: Record<string, Pieces>, scripts: readonly Profiler.ScriptCoverage[], folder: string): void {
  for (const script of scripts) {
    if (!script.url.startsWith('file:') || script.url.includes('/node_modules/')) continue
    const path = fileURLToPath(script.url.replace(/\?.*$/, ''))
    if (!path.startsWith(`${folder}/`)) continue
    const file = path.slice(folder.length + 1)
    ran[file] = union(ran[file] ?? [], piecesRun(script))
  }
}

function readRecords(left: string, folder: string): TestCoverage[] {
  const tests = new Map<string, TestCoverage & { ran: Record<string, Pieces> }>()
  for (const name of readdirSync(left).filter((entry) => entry.endsWith('.json'))) {
    const { test, milliseconds, result, others }: RawRecord = JSON.parse(
      readFileSync(join(left, name), 'utf8'),
    )
    const one = tests.get(test) ?? { name: test, milliseconds: milliseconds / busy(), ran: {} }
    tests.set(test, one)
    add(one.ran, result, folder)
    const counts = others === null ? [] : readdirSync(others).map((other) => join(others, other))
    for (const path of counts) {
      const text = readFileSync(path, 'utf8')
      // A process that was killed leaves half a file, or none.
      if (text.endsWith('}')) add(one.ran, JSON.parse(text).result, folder)
    }
  }
  return [...tests.values()].sort((a, b) => Number(b.name === AT_LOAD) - Number(a.name === AT_LOAD))
}

/** Runs a test file once, in a copy of the repository, and says what each of its tests ran. */
export async function measure(folder: string, left: string, file: string): Promise<FileCoverage> {
  rmSync(left, { recursive: true, force: true })
  mkdirSync(left, { recursive: true })
  const suite = measuringSuiteOf(folder, left)
  try {
    const failures = await suite.ask([{ file, names: null }], LIMIT * busy())
    // What was ended has left those of its tests that came to their end.
    const tests = readRecords(left, folder)
    const loaded = new Set([file, ...tests.flatMap(({ ran }) => Object.keys(ran))])
    const digests = Object.fromEntries([...loaded].map((one) => [one, digestOf(folder, one)]))
    const isRead = failures === null || failures.every(({ test }) => test !== null)
    const isWhole = failures !== null
    return {
      file,
      digests,
      failures: failures ?? [],
      measuredBy: MEASURED_BY,
      isWhole,
      tests: isRead ? tests : [],
    }
  } finally {
    await suite.close()
    rmSync(left, { recursive: true, force: true })
  }
}

/** What was measured before, where it still fits. */
export class CoverageCache {
  readonly #root: string
  readonly #folder: string

  constructor(root: string) {
    this.#root = root
    this.#folder = join(root, 'node_modules/.cache/handgrad-mutants')
  }

  #path(file: string): string {
    return join(this.#folder, `${file.replaceAll('/', '+')}.json`)
  }

  read(file: string): FileCoverage | null {
    const path = this.#path(file)
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null
  }

  /** Whether all that the test file loads is as it was. */
  fits({ digests }: FileCoverage): boolean {
    return this.#same(digests, Object.keys(digests))
  }

  /**
   * Whether the test file, and those of `files` that it loads, are as they were: what it runs of them is hardly another
   * after a change elsewhere. What failed then may pass now.
   */
  mostlyFits(known: FileCoverage, files: readonly string[]): boolean {
    if (known.failures.length > 0) return known.measuredBy === MEASURED_BY && this.fits(known)
    const loaded = files.filter((file) => file in known.digests)
    return this.#same(known.digests, [known.file, ...loaded])
  }

  #same(digests: FileCoverage['digests'], files: readonly string[]): boolean {
    return files.every((file) => digestOf(this.#root, file) === digests[file])
  }

  write(coverage: FileCoverage): void {
    mkdirSync(this.#folder, { recursive: true })
    writeFileSync(this.#path(coverage.file), JSON.stringify(coverage))
  }
}
