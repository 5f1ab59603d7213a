import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { busy } from './asked-process.ts'
import type { FileCoverage } from './coverage.ts'
import type { Mistake } from './mutants.ts'
import type { Outcome } from './outcome.ts'
import { type Selection, select } from './select.ts'
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

/** How many mistakes of a file each test file has caught. */
export type Kills = Map<string, Map<string, number>>

/** What tests are run on: a copy, its suite, and what each test runs. */
export interface Bench {
  readonly folder: string
  readonly suite: Suite
  readonly coverage: readonly FileCoverage[]
  readonly kills: Kills
}

function remember(kills: Kills, file: string, by: string): void {
  const own = kills.get(file) ?? new Map<string, number>()
  kills.set(file, own.set(by, (own.get(by) ?? 0) + 1))
}

/** Puts a mistake into the file of a copy, runs the tests that run its place, and takes it out. */
export async function judgeCode(bench: Bench, mistake: Mistake, times: Times = TIMES): Promise<Outcome> {
  const { folder, coverage, kills } = bench
  const path = join(folder, mistake.file)
  const source = readFileSync(path, 'utf8')
  const changed = edited(source, mistake)
  if (parse(mistake.file, changed) === null) return { kind: 'no code', message: 'it is no TypeScript' }
  const selection = select(coverage, mistake, times.budget, kills.get(mistake.file))
  try {
    writeFileSync(path, changed)
    const outcome = await runAll(bench, selection, times.patience)
    if (outcome.kind === 'caught') remember(kills, mistake.file, outcome.by)
    return outcome
  } finally {
    writeFileSync(path, source)
  }
}

async function runAll(
  { suite }: Bench,
  { steps, expected, left }: Selection,
  patience: number,
): Promise<Outcome> {
  for (const step of steps) {
    const failures = await suite.ask(step, (patience + 4 * expected) * busy())
    if (failures === null) return { kind: 'timed out' }
    const [failure] = failures
    if (failure?.message.startsWith('Test timed out in')) return { kind: 'timed out' }
    if (failure !== undefined) return { kind: 'caught', by: failure.file, message: failure.message }
  }
  return { kind: 'survived', by: new Set(steps.flat().map(({ file }) => file)).size, left }
}
