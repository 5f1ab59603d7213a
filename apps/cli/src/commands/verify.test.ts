import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { handgrad, jsonLines, temporaryFolder } from '../test/handgrad.ts'

const examples = fileURLToPath(new URL('../../../../verify/examples/', import.meta.url))
const verify = (...args: string[]) => handgrad(examples, ['verify', ...args])

/** A copy of the bundle with one file replaced. */
function spoiled(name: string, content: (old: Buffer) => string | Uint8Array): string {
  const folder = temporaryFolder()
  for (const file of ['bundle.json', 'tensors.safetensors'])
    copyFileSync(join(examples, 'silu', file), join(folder, file))
  writeFileSync(join(folder, name), content(readFileSync(join(folder, name))))
  return folder
}

describe('handgrad verify', () => {
  it('finds that the right layer agrees with PyTorch', async () => {
    const { code, out, err } = await verify('silu', '--layer', 'swish.ts')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/nn\.SiLU: 2 cases, 8 tensors; the layer agrees\n$/)
  })

  it('finds and locates the mistake of the wrong one', async () => {
    const { code, out } = await verify('silu', '--layer', 'swish-wrong.ts')
    expect(code).toBe(3)
    expect(out).toMatch(/^2x5x3 +float64 +y +\[2,5,3\] +right/m)
    expect(out).toMatch(/^2x5x3 +float64 +dx +\[2,5,3\] +WRONG/m)
    expect(out).toMatch(
      /^2x5x3, float64: dx \[1,2,1\]: expected -1\.50228\d+, got -3\.37857\d+, .* ULP\), allowed/m,
    )
  })

  it('gives the report as JSON', async () => {
    const { code, out } = await verify('silu', '--layer', 'swish-wrong.ts', '--json')
    const [report] = jsonLines(out)
    const rows = report['tensors'] as { tensor: string; passed: boolean; worst: { index: number[] } | null }[]
    expect({ code, passed: report['passed'] }).toEqual({ code: 3, passed: false })
    expect(rows.map(({ tensor, passed }) => (tensor === 'y') === passed)).toEqual(rows.map(() => true))
    expect(rows.at(-1)?.worst?.index).toEqual([1, 2, 1])
  })

  it('ends with 2 where there is no layer, and with 1 where the bundle is malformed', async () => {
    expect(await verify('silu')).toMatchObject({ code: 2, err: expect.stringContaining('no layer nn.SiLU') })
    const [other, cut, older] = [
      await verify('silu', '--layer', 'nothing.ts'),
      await verify(
        spoiled('tensors.safetensors', (old) => old.subarray(0, 900)),
        '--layer',
        'swish.ts',
      ),
      await verify(
        spoiled('bundle.json', (old) => old.toString().replace('"format": 1', '"format": 7')),
        '--layer',
        'swish.ts',
      ),
    ]
    expect(other).toMatchObject({ code: 2, err: expect.stringContaining('nothing.ts') })
    expect(cut).toMatchObject({ code: 1, err: expect.stringMatching(/^error: tensors\.safetensors: .+\n$/) })
    expect(older).toMatchObject({ code: 1, err: 'error: bundle.json: format is 7, expected 1\n' })
  })
})
