import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '@handgrad/gradcheck'
import { expect, it } from 'vitest'
import { handgrad, temporaryFolder } from '../test/handgrad.ts'

it('writes report.json and report.html, with the mutants that were hunted', async () => {
  const folder = temporaryFolder()
  const { code, out } = await handgrad(folder, ['report', 'relu', '--without', 'curves', '--out', '.'])
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report
  expect(code, out).toBe(0)
  expect(report).toMatchObject({
    version: 1,
    curves: null,
    totals: { specs: 1, cases: report.specs[0].cases.length, problems: 0 },
  })
  expect(report.totals.cases).toBeGreaterThanOrEqual(9)
  expect(report.totals.caught).toBe(report.totals.mutants)
  expect(report.totals.mutants).toBeGreaterThanOrEqual(3)
  expect(report.specs[0].steps.map(({ id }) => id)).toContain('dx-mask')
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('<h2>Mutants</h2>')
  expect(out).toMatch(/^report: 1 layers, .* (\d+) of \1 mutants caught, 0 problems\n$/)
})

it('refuses a layer and a part that there are not', async () => {
  const folder = temporaryFolder()
  expect(await handgrad(folder, ['report', 'conv3d'])).toMatchObject({ code: 2, out: '' })
  expect(await handgrad(folder, ['report', '--without', 'html'])).toMatchObject({ code: 2, out: '' })
})
