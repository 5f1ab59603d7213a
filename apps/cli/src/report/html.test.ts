import { BIN_ENDS, REPORT_VERSION, type Report, survey } from '@handgrad/gradcheck'
import { loadSpec, readFixture, specPlaces } from '@handgrad/gradcheck/node'
import { describe, expect, it } from 'vitest'
import { repository } from '../repository.ts'
import { htmlReport } from './html.ts'
import { totalsOf } from './totals.ts'

async function smallReport(): Promise<Report> {
  const place = specPlaces(repository).find(({ source }) => source.endsWith('/relu'))!
  const found = await loadSpec(place, repository)
  const fixture = readFixture(new URL(`${place.fixtures}/`, repository))
  const specs = [{ ...place, ...survey(found.spec, fixture) }]
  const row = { spec: 'ReLU', backend: 'reference', message: null, milliseconds: 12 }
  const mutants = [
    { ...row, mutant: 'mask forgotten', views: ['golden', 'differences'], at: 'matrix' },
    { ...row, mutant: 'harmless', views: [], at: null },
  ] as const
  const score = {
    mutants: 30,
    equivalent: 1,
    timedOut: 2,
    noCode: 0,
    all: 80,
    seed: 1,
    operators: {},
    commit: 'abc1234',
    digest: '',
  }
  const point = { epoch: 1, trainLoss: 1, trainAccuracy: 0.8, validationLoss: 1, validationAccuracy: 0.9 }
  const curve = { mutant: null, config: {}, epochs: [point], testLoss: 0.4, testAccuracy: 0.91 }
  return {
    version: REPORT_VERSION,
    made: { versions: { node: '24' }, platform: 'test', commit: null },
    totals: totalsOf(specs, mutants),
    histogramBins: BIN_ENDS,
    specs,
    scores: [
      { ...score, file: 'packages/tensor/src/shape.ts', caught: 28, isCurrent: true },
      { ...score, file: 'packages/tensor/src/fma.ts', caught: 20, isCurrent: false },
    ],
    mutants,
    curves: [curve],
  }
}

describe('the report', () => {
  it('shows every step, every mutant and every curve, and needs nothing else', async () => {
    const report = await smallReport()
    const page = htmlReport(report)
    for (const { id, cases } of report.specs[0].steps) {
      expect(cases).toBeGreaterThanOrEqual(3)
      expect(page).toContain(`<td>${id}</td><td class="number">${cases}</td>`)
    }
    expect(report.totals).toMatchObject({ specs: 1, problems: 0, mutants: 2, caught: 1 })
    expect(page).toContain('1 of 2 were caught')
    expect(page).toContain('<td>mask forgotten</td><td>reference</td><td>golden, differences</td>')
    expect(page).toContain('48 of\n60 were caught (80.0 %)')
    expect(page).toContain('<summary>packages/tensor: 80.0 % of 60</summary>')
    const [worst, best] = ['fma', 'shape'].map((name) => page.indexOf(`packages/tensor/src/${name}.ts`))
    expect(worst).toBeLessThan(best)
    expect(page.slice(worst, best)).toContain('measured at abc1234')
    expect(page.slice(best)).not.toContain('measured at')
    expect(page).toContain('91.00 %')
    expect(page).not.toMatch(/(src|href)="(?!#)/)
  })

  it('escapes what it is given', async () => {
    const report = await smallReport()
    const problem = { case: null, view: 'golden', message: '<b>& "x"' } as const
    const page = htmlReport({ ...report, specs: [{ ...report.specs[0], problems: [problem] }] })
    expect(page).toContain('&lt;b&gt;&amp; &quot;x&quot;')
  })
})
