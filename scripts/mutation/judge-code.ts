import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { busy } from './asked-process.ts'
import type { FileCoverage } from './coverage.ts'
import type { Mistake } from './mutants.ts'
import type { Outcome } from './outcome.ts'
import { select } from './select.ts'
import type { Suite } from './suite.ts'
import { edited, parse } from './syntax.ts'

/** Milliseconds for one mistake. */
export interface Times {
  /** Of tests, as long as they take without it. */
  readonly budget: number
  /** Beyond that, before it is said not to end. */
  readonly patience: number
}

const TIMES: Times = { budget: 10_000, patience: 10_000 }

/** Puts a mistake into the file of a copy, runs the tests that run its place, and takes it out. */
export async function judgeCode(
  folder: string,
  suite: Suite,
  coverage: readonly FileCoverage[],
  mistake: Mistake,
  { budget, patience }: Times = TIMES,
): Promise<Outcome> {
  const path = join(folder, mistake.file)
  const source = readFileSync(path, 'utf8')
  const changed = edited(source, mistake)
  if (parse(mistake.file, changed) === null) return { kind: 'no code', message: 'it is no TypeScript' }
  const { first, tests, expected, left } = select(coverage, mistake, budget)
  if (tests.length === 0) return { kind: 'survived', by: 0, left }
  try {
    writeFileSync(path, changed)
    const steps = first === null ? [tests] : [[first], tests]
    for (const step of steps) {
      const failures = await suite.ask(step, (patience + 4 * expected) * busy())
      if (failures === null) return { kind: 'timed out' }
      const [failure] = failures
      if (failure?.message.startsWith('Test timed out in')) return { kind: 'timed out' }
      if (failure !== undefined) return { kind: 'caught', by: failure.file, message: failure.message }
    }
    return { kind: 'survived', by: tests.length, left }
  } finally {
    writeFileSync(path, source)
  }
}
