import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './source.ts'

/** What the tests found for one step: on how many cases it was evaluated, and the worst difference. */
export interface Evidence {
  readonly cases: number
  readonly worst: string
}

/** What the proof wrote, or null where it has not run. */
export function reportFile(): string | null {
  const file = join(root, 'report.json')
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

export function evidenceOf(_derivation: string, _step: string): Evidence | null {
  return null
}
