import { join } from 'node:path'
import { AskedProcess } from './asked-process.ts'

/** Tests of one file; all of them where no names are given. */
export interface Tests {
  readonly file: string
  readonly names: readonly string[] | null
}

export interface Failure {
  readonly file: string
  /** Null where the file could not even be read. */
  readonly test: string | null
  readonly message: string
}

/** Whether some tests pass: kept running, so that only the tests take time. */
export type Suite = AskedProcess<readonly Tests[], readonly Failure[]>

/** The suite of a copy, which stops at the first failure. What was compiled once is kept: a third of a short test. */
export const suiteOf = (folder: string): Suite =>
  new AskedProcess(folder, 'vitest-process.ts', ['1'], {
    NODE_COMPILE_CACHE: join(folder, 'node_modules/.compiled'),
  })

/** The suite of a copy that runs all tests, and leaves what each ran in a folder. */
export const measuringSuiteOf = (folder: string, left: string): Suite =>
  new AskedProcess(folder, 'vitest-process.ts', ['0'], { HANDGRAD_COVERAGE: left })
