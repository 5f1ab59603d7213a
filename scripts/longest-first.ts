import { readFileSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The longest time limit that a test file writes down, as in `{ timeout: 300_000 }`; 0 where it has the usual one. */
const limitOf = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/\b(\d{2,3})_000\b/g)].map(([, thousands]) => Number(thousands)))

/** Test files that may take long start first: one that starts last would have one core work and the others wait. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const limits = new Map(
      files.map(({ moduleId }) => [moduleId, limitOf(readFileSync(moduleId, 'utf8'))] as const),
    )
    const usual = await super.sort(files)
    return usual.toSorted((a, b) => limits.get(b.moduleId)! - limits.get(a.moduleId)!)
  }
}
