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

/** The suite of a copy. `bail`: how many failures are enough; 0 for all. */
export const suiteOf = (folder: string, bail: number, env: NodeJS.ProcessEnv = {}): Suite =>
  new AskedProcess(folder, 'vitest-process.ts', [String(bail)], env)
