import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Given, type LoadedCase, verifyOutputs } from '@handgrad/gradcheck'
import { loadedCases, packSources } from '@handgrad/gradcheck/node'
import { loadSafetensors, type Tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { repository } from '../repository.ts'
import { temporaryFolder } from '../test/handgrad.ts'

const python = process.env['HANDGRAD_PYTHON'] ?? 'python3'
const path = (name: string): string => fileURLToPath(new URL(name, repository))
const sources = await packSources(repository)

/** The golden values that PyTorch gives now for the inputs of a folder. */
function exported(folder: string): Record<string, Tensor> {
  const out = join(temporaryFolder(), folder)
  mkdirSync(out)
  for (const name of ['cases.json', 'inputs.safetensors'])
    copyFileSync(path(`fixtures/${folder}/${name}`), join(out, name))
  execFileSync(python, [path('fixtures/export.py'), out], { stdio: ['ignore', 'ignore', 'inherit'] })
  return loadSafetensors(readFileSync(join(out, 'golden.safetensors'))) as Record<string, Tensor>
}

function answersOf(
  golden: Record<string, Tensor>,
  dtype: 'float32' | 'float64',
  { about }: LoadedCase,
): Given {
  const answers = about.outputs.map(({ name }) => {
    const tensor = golden[`${about.name}/${dtype}/${name}`]
    // A schedule's rates are float64 in both.
    return [name, { tensor, dtype: tensor.dtype === 'float64' ? 'float64' : dtype }] as const
  })
  return { answers: Object.fromEntries(answers) }
}

it('the pack has every case, and is neither smaller nor larger than it may be', { timeout: 600_000 }, () => {
  const out = join(temporaryFolder(), 'goldens')
  const said = execFileSync(process.execPath, [path('scripts/pack-goldens.ts'), '--out', out], {
    encoding: 'utf8',
  })
  expect(said).toMatch(/: \d{3,} cases, \d{4,} tensors, 5\.\d\d MB, PyTorch /)
})

describe('what PyTorch gives now is what the pack holds, within its tolerances', () => {
  it.each(sources.map(({ folder }) => folder))('%s', (folder) => {
    const source = sources.find((one) => one.folder === folder)!
    const cases = loadedCases(source, ['float64', 'float32'])
    const golden = exported(folder)
    for (const dtype of ['float64', 'float32'] as const) {
      const given = new Map(cases.map((one) => [one.about.id, answersOf(golden, dtype, one)]))
      const report = verifyOutputs(cases, given)
      expect(report.problems, dtype).toEqual({})
      expect(report.tensors.length).toBe(cases.reduce((sum, { about }) => sum + about.outputs.length, 0))
      expect(report.notOffered).toEqual([])
    }
  })
})
