import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { $ } from 'zx'
import { fixtureOf } from '../packages/gradcheck/src/fixture.ts'
import type { Spec } from '../packages/gradcheck/src/spec.ts'
import { saveSafetensors } from '../packages/tensor/src/index.ts'
import { python } from './python.ts'

/**
 * Writes fixtures/<folder>/ of every spec, or of those named: the cases and inputs here, the golden values with Python.
 *
 *     pnpm fixtures:export [folder…]      HANDGRAD_PYTHON=/path/to/python with torch of fixtures/requirements.txt
 */
const root = join(import.meta.dirname, '..')
const fixtures = join(root, 'fixtures')
const wanted = process.argv.slice(2)

const folders: string[] = []
for (const path of globSync('packages/*/src/*/spec.ts', { cwd: root }).sort()) {
  const folder = basename(join(path, '..'))
  if (wanted.length > 0 && !wanted.includes(folder)) continue
  const { spec } = (await import(join(root, path))) as { spec: Spec }
  const { file, tensors } = fixtureOf(spec)
  const out = join(fixtures, folder)
  mkdirSync(out, { recursive: true })
  const lines = (entries: readonly unknown[]): string =>
    entries.map((entry) => `\n    ${JSON.stringify(entry)}`).join(',')
  const { cases, errors, ...head } = file
  const text = `${JSON.stringify(head).slice(0, -1)},\n  "cases": [${lines(cases)}],\n  "errors": [${lines(errors)}]\n}\n`
  writeFileSync(join(out, 'cases.json'), text)
  writeFileSync(join(out, 'inputs.safetensors'), saveSafetensors(tensors))
  folders.push(out)
}
if (folders.length === 0) throw new Error(`no spec in ${wanted.join(', ') || 'packages/*/src/*/spec.ts'}`)
const exported = await $({
  stdio: 'inherit',
  nothrow: true,
})`${await python()} ${join(fixtures, 'export.py')} ${folders}`
process.exitCode = exported.exitCode ?? 1
