import { writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import {
  type Catch,
  hunt,
  huntLines,
  loadSpec,
  type Mutant,
  readFixture,
  specPlaces,
} from '../packages/gradcheck/src/node/index.ts'
import { type BackendName, backends } from '../packages/tensor/src/index.ts'
import { verdictOf } from './mutants-verdict.ts'
import { mutatedKernels } from './mutated-kernels.ts'
import { autoOptions, huntAuto } from './mutation/command.ts'

/**
 * Injects every mutant of every spec, one at a time, and prints which view caught it and how fast; and changes every
 * small thing in every line of the derivations. Mutants of kernels are compiled in memory and judged on each backend
 * that has kernels, the others on `reference`.
 *
 *     pnpm mutants [folder…]     --quick takes a part of them, and stops at the first view that notices
 *                                --json <file> writes one row per mutant and backend
 *                                --kernels takes mutants of kernels only
 *
 *     pnpm mutants --auto [path…]   mistakes that nobody chose, in all files that a number passes through, or in some:
 *                                `mutation/command.ts`
 *
 * Exits with 3 when one survives.
 */
const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    kernels: { type: 'boolean', default: false },
    json: { type: 'string' },
    auto: { type: 'boolean', default: false },
    ...autoOptions,
  },
  allowPositionals: true,
})
if (values.auto) process.exit(await huntAuto(positionals, values))
const root = pathToFileURL(`${dirname(import.meta.dirname)}/`)
const part = values.quick
  ? { textbook: 3, kernels: 8, lines: 23, more: 0 }
  : { textbook: 1, kernels: 1, lines: 1, more: 6 }
const places = specPlaces(root).filter(
  ({ source }) => positionals.length === 0 || positionals.includes(basename(source)),
)

function row({ mutant, spec, backend, views, at, milliseconds }: Catch): string {
  const caught =
    views.length > 0 ? `${milliseconds.toFixed(0).padStart(6)} ms  ${views.join(', ')}  (${at})` : 'SURVIVED'
  return `${spec.padEnd(17)} ${backend.padEnd(10)} ${mutant.padEnd(50)} ${caught}`
}

function backendsFor({ kernel }: Mutant): readonly BackendName[] {
  if (kernel !== true) return ['reference']
  return values.quick ? ['simd-plain'] : backends().filter((name) => name !== 'reference')
}

const catches: Catch[] = []
const total = { changed: 0, named: 0 }
for (const place of places) {
  const { spec } = await loadSpec(place, root)
  const [kernels, textbook] = [true, false].map((kernel) =>
    spec.mutants.filter((m) => (m.kernel === true) === kernel),
  )
  const wanted = [
    ...(values.kernels ? [] : textbook.filter((_, i) => i % part.textbook === 0)),
    ...kernels.filter((_, i) => i % part.kernels === 0),
  ]
  for (const mutant of wanted) {
    const modules = await mutatedKernels(mutant, root, backendsFor(mutant))
    for (const backend of backendsFor(mutant)) {
      const found = await hunt(place, spec, mutant, root, { backend, modules, more: part.more })
      catches.push(found)
      console.log(row(found))
    }
  }
  if (values.kernels) continue
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
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(catches, null, 2)}\n`)
const { lines, passed } = verdictOf(catches, total, values.kernels)
for (const line of lines) console.log(line)
process.exitCode = passed ? 0 : 3
