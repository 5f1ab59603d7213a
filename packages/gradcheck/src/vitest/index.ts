import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { backends } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { readFixture } from '../node/fixtures.ts'
import { proveCase, proveError, proveSpec } from '../prove.ts'
import type { CaseResult, Fixture, Problem } from '../result.ts'
import type { Spec } from '../spec.ts'
import { proveTotals } from '../summary.ts'

/** What a test leaves for the reporter to add up: see `scripts/proof-reporter.ts`. */
export interface ProofTotals {
  readonly specs?: number
  readonly cases?: number
  readonly errors?: number
  readonly coordinates?: number
  readonly skipped?: number
  readonly steps?: number
  readonly mutants?: number
  /** Runs of cases in float32, of all backends, and those of them that were on kernels. */
  readonly runs?: number
  readonly kernels?: number
}

declare module 'vitest' {
  interface TaskMeta {
    proof?: ProofTotals
  }
}

/** Fails with all that is wrong as the message. */
function expectNone(problems: readonly Problem[]): void {
  const text = problems.map(({ view, message }) => `${view}: ${message}`).join('\n')
  expect(text, text).toBe('')
}

/** Where a package's specs are found, and what is known of them from outside. */
export interface ProofOptions {
  /** Folder by folder: the `specs.ts` of a package. */
  readonly specs: Readonly<Record<string, Spec>>
  /** The package's `src`. */
  readonly src: URL
  /** The folder of all fixtures. */
  readonly fixtures: URL
  /** Fewer specs than this is a failure of discovery. */
  readonly atLeast: number
  /** Folders of `src` that are no layer, loss or optimizer, each with the reason. */
  readonly apart: Readonly<Record<string, string>>
}

function camelCase(folder: string): string {
  return folder.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** Vitest shows an error at collection badly, and drops the other specs of the file. */
function fixtureOrProblem(folder: string): Fixture | string {
  try {
    return readFixture(folder)
  } catch (error) {
    return (error as Error).message
  }
}

function describeSpec(spec: Spec, folder: string): void {
  describe(spec.name, () => {
    const fixture = fixtureOrProblem(folder)
    // oxlint-disable-next-line vitest/no-conditional-tests -- without fixtures there is one test, that fails
    if (typeof fixture === 'string') {
      it('has fixtures', () => expect.fail(fixture))
      return
    }
    const results = new Map<string, CaseResult>()
    const prove = (item: Spec['cases'][number]): CaseResult => {
      const known = results.get(item.name) ?? proveCase(spec, item, fixture)
      results.set(item.name, known)
      return known
    }
    it('has fixtures for all of its cases, and unique names', ({ task }) => {
      task.meta.proof = { specs: 1 }
      expectNone(proveSpec(spec, fixture))
    })
    for (const item of spec.cases) {
      it(item.name, ({ task }) => {
        const { problems, coordinates, skipped, steps, onKernels } = prove(item)
        const evaluated = steps.filter(({ elements }) => elements > 0).length
        const ran = { runs: backends().length, kernels: onKernels.length }
        task.meta.proof = { cases: 1, coordinates, skipped, steps: evaluated, ...ran }
        expectNone(problems)
      })
    }
    it('is as exact as torch, and every line of its derivation was evaluated', () => {
      expectNone(proveTotals(spec, spec.cases.map(prove)))
    })
    for (const item of spec.errors) {
      it(`refuses ${item.name}`, ({ task }) => {
        task.meta.proof = { errors: 1 }
        expectNone(proveError(spec, item))
      })
    }
  })
}

/** Makes vitest prove every spec of a package: one test a case, and one that no folder is left out. */
export function describeProof({ specs, src, fixtures, atLeast, apart }: ProofOptions): void {
  const folders = readdirSync(src, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !Object.hasOwn(apart, entry.name))
    .map((entry) => entry.name)
  it('finds every folder, with its spec', () => {
    expect(folders.map(camelCase).sort()).toEqual(Object.keys(specs).sort())
    expect(Object.keys(specs).length).toBeGreaterThanOrEqual(atLeast)
  })
  for (const folder of folders) {
    const spec = specs[camelCase(folder)]
    if (spec !== undefined) describeSpec(spec, join(fileURLToPath(fixtures), folder))
  }
}
