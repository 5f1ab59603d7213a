import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { writePack } from '../packages/gradcheck/src/node/pack.ts'

/**
 * Writes every golden case as files that a program in any language can read: the page "Golden values as files" of the site
 * describes them. Takes a minute: it computes how far each tensor may be off.
 *
 *     pnpm pack:goldens [--out <folder>]      dist/goldens unless told
 */
const root = join(import.meta.dirname, '..')
const { values } = parseArgs({ options: { out: { type: 'string' } } })
const out =
  values.out === undefined ? join(root, 'dist/goldens') : resolve(process.env['INIT_CWD'] ?? '.', values.out)

/** No fewer cases, tensors and bytes than the fixtures had when this was written: a pack that shrinks is a mistake. */
const FLOOR = { cases: 814, tensors: 8122, bytes: 5_500_000 }
const CEILING = 6_000_000

rmSync(join(out, 'cases'), { recursive: true, force: true })
const { manifest, bytes, tensors } = await writePack(pathToFileURL(`${root}/`), out)
const cases = Object.keys(manifest.cases).length
const others = Object.entries(manifest.otherTorch ?? {}).map(([folder, torch]) => `, ${torch} for ${folder}`)
console.log(
  `${out}: ${cases} cases, ${tensors} tensors, ${(bytes / 1e6).toFixed(2)} MB, PyTorch ${manifest.torch}${others.join('')}`,
)
if (cases < FLOOR.cases || tensors < FLOOR.tensors || bytes < FLOOR.bytes || bytes >= CEILING) {
  console.error(
    `error: expected at least ${FLOOR.cases} cases, ${FLOOR.tensors} tensors and ${FLOOR.bytes / 1e6} MB, and less than ${CEILING / 1e6} MB`,
  )
  process.exitCode = 1
}
