import { globSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Spec } from '../packages/gradcheck/src/index.ts'
import { type Catch, hunt, type SpecPlace } from '../packages/gradcheck/src/node/index.ts'

/**
 * Injects every mutant of every spec, one at a time, and prints which view caught it and how fast.
 *
 *     pnpm mutants [folder…]     --fast stops at the first view; exits with 3 when one survives
 */
const root = pathToFileURL(`${dirname(import.meta.dirname)}/`)
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const patience = { cases: process.argv.includes('--fast') ? 0 : 6 }

const places: SpecPlace[] = globSync('packages/*/src/*/spec.ts', { cwd: root })
  .sort()
  .map((path) => ({ source: dirname(path), fixtures: `fixtures/${basename(dirname(path))}` }))
  .filter(({ source }) => wanted.length === 0 || wanted.includes(basename(source)))

function row({ mutant, spec, views, at, milliseconds }: Catch): string {
  const caught =
    views.length > 0 ? `${milliseconds.toFixed(0).padStart(6)} ms  ${views.join(', ')}  (${at})` : 'SURVIVED'
  return `${spec.padEnd(17)} ${mutant.padEnd(50)} ${caught}`
}

const catches: Catch[] = []
for (const place of places) {
  const { spec } = (await import(new URL(`${place.source}/spec.ts`, root).href)) as { spec: Spec }
  for (const mutant of spec.mutants) {
    const found = await hunt(place, mutant, root, patience)
    catches.push(found)
    console.log(row(found))
  }
}
const caught = catches.filter(({ views }) => views.length > 0).length
console.log(
  `mutants: ${caught} of ${catches.length} caught (${Math.floor((100 * caught) / catches.length)} %)`,
)
process.exitCode = caught === catches.length && caught > 0 ? 0 : 3
