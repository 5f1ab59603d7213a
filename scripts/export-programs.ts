import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { $ } from 'zx'
import { saveSafetensors } from '../packages/tensor/src/index.ts'
import { entryOf, goldenCases, goldenOf, tensorsOf } from '../packages/trainer/src/programs/goldens.proof.ts'
import { python } from './python.ts'

/**
 * Writes fixtures/programs/: the networks of packages/trainer/src/programs/goldens.json with their weights and batches from
 * here, loss and gradients from PyTorch.
 *
 *     pnpm fixtures:programs [--seeds 7,8,9]      other networks, by their numbers
 *     HANDGRAD_PYTHON=/path/to/python             with torch of fixtures/requirements.txt
 */
const root = join(import.meta.dirname, '..')
const out = join(root, 'fixtures/programs')
const { values } = parseArgs({ options: { seeds: { type: 'string' } } })
const cases = values.seeds?.split(',').map((seed) => goldenOf(Number(seed))) ?? goldenCases
writeFileSync(join(root, 'packages/trainer/src/programs/goldens.json'), `${JSON.stringify(cases, null, 2)}\n`)
mkdirSync(out, { recursive: true })
const lines = cases.map((golden) => `\n    ${JSON.stringify(entryOf(golden))}`)
writeFileSync(join(out, 'cases.json'), `{"kind":"module","errors":[],\n  "cases": [${lines.join(',')}]\n}\n`)
const tensors = cases.flatMap((golden) =>
  Object.entries(tensorsOf(golden)).map(([key, value]) => [`${golden.name}/${key}`, value] as const),
)
writeFileSync(join(out, 'inputs.safetensors'), saveSafetensors(Object.fromEntries(tensors)))
const exported = await $({
  stdio: 'inherit',
  nothrow: true,
})`${await python()} ${join(root, 'fixtures/export.py')} ${out}`
process.exitCode = exported.exitCode ?? 1
