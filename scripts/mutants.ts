import { globSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Spec } from '../packages/gradcheck/src/index.ts'
import {
  type Catch,
  hunt,
  huntLines,
  readFixture,
  type SpecPlace,
} from '../packages/gradcheck/src/node/index.ts'

/**
 * Injects every mutant of every spec, one at a time, and prints which view caught it and how fast; and changes every
 * small thing in every line of the derivations.
 *
 *     pnpm mutants [folder…]     --quick takes a part of them, and stops at the first view that notices
 *
 * Exits with 3 when one survives.
 */
const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const root = pathToFileURL(`${dirname(import.meta.dirname)}/`)
const part = values.quick ? { mutants: 3, lines: 23, more: 0 } : { mutants: 1, lines: 1, more: 6 }

const places: SpecPlace[] = globSync('packages/*/src/*/spec.ts', { cwd: root })
  .sort()
  .map((path) => ({ source: dirname(path), fixtures: `fixtures/${basename(dirname(path))}` }))
  .filter(({ source }) => positionals.length === 0 || positionals.includes(basename(source)))

function row({ mutant, spec, views, at, milliseconds }: Catch): string {
  const caught =
    views.length > 0 ? `${milliseconds.toFixed(0).padStart(6)} ms  ${views.join(', ')}  (${at})` : 'SURVIVED'
  return `${spec.padEnd(17)} ${mutant.padEnd(50)} ${caught}`
}

const catches: Catch[] = []
const total = { changed: 0, named: 0 }
for (const place of places) {
  const { spec } = (await import(new URL(`${place.source}/spec.ts`, root).href)) as { spec: Spec }
  for (const mutant of spec.mutants.filter((_, i) => i % part.mutants === 0)) {
    const found = await hunt(place, spec, mutant, root, part.more)
    catches.push(found)
    console.log(row(found))
  }
  const { changed, named, survivors } = huntLines(
    spec,
    readFixture(new URL(`${place.fixtures}/`, root)),
    part.lines,
  )
  total.changed += changed
  total.named += named
  for (const { id, change, equation } of survivors)
    console.log(`${spec.name}: step '${id}' SURVIVED ${change}: ${equation}`)
}
const caught = catches.filter(({ views }) => views.length > 0).length
const share = (of: number, all: number): string => `${Math.floor((100 * of) / all)} %`
console.log(
  `equations: ${total.named} of ${total.changed} changed lines named (${share(total.named, total.changed)})`,
)
console.log(`mutants: ${caught} of ${catches.length} caught (${share(caught, catches.length)})`)
process.exitCode = caught === catches.length && caught > 0 && total.named === total.changed ? 0 : 3
