import { backends } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { BIN_ENDS } from './histogram.ts'
import { survey } from './survey.ts'
import { provideBackends } from './test/backends.ts'
import { bench, brokenBench } from './test/bench.ts'

provideBackends()

describe('a survey', () => {
  const { spec, fixture } = bench({
    errors: [{ name: 'odd', args: [1], message: 'no' }],
  })
  const found = survey(spec, fixture)

  it('of a right layer adds up what was found', () => {
    expect(found).toMatchObject({
      name: 'Affine',
      kind: 'module',
      errorCases: 1,
      coordinates: 101,
      skipped: 0,
    })
    expect(found.cases.map(({ name, passed, coordinates }) => [name, passed, coordinates])).toEqual([
      ['two', true, 23],
      ['five', true, 35],
      ['seven', true, 43],
    ])
    expect(found.steps.map(({ id, cases, elements }) => [id, cases, elements])).toEqual([
      ['y', 3, 42],
      ['dx-chain', 3, 56],
      ['dx', 3, 56],
      ['dw', 3, 36],
      ['db', 3, 9],
      ['dx-matrix', 3, 56],
    ])
    expect(found.backends.map(({ backend, casesOnKernels }) => [backend, casesOnKernels])).toEqual(
      backends().map((backend) => [backend, 0]),
    )
    const { furthest } = found
    expect(furthest!.error).toBe(Math.max(...found.cases.map((item) => item.furthest!.error)))
    expect(found.cases.find(({ name }) => name === furthest!.case)!.furthest).toMatchObject({
      tensor: furthest!.tensor,
      index: furthest!.index,
    })
  })

  it('counts every element of every tensor on every backend in the histograms', () => {
    const elements = 42 + 56 + 36 + 9
    for (const bins of [found.histograms.ours, found.histograms.torch]) {
      expect(bins).toHaveLength(BIN_ENDS.length + 1)
      expect(bins.reduce((sum, count) => sum + count, 0)).toBe(elements * backends().length)
    }
    expect(found.histograms.ours.at(-1)).toBe(0)
  })

  it('has the median and the worst ULP of all tensors', () => {
    const all = found.cases.flatMap(({ measures }) => measures)
    for (const [whose, key] of [
      ['ours', 'ulps'],
      ['torch', 'torchUlps'],
    ] as const) {
      const sorted = all.map((one) => one[key]).sort((a, b) => a - b)
      const { median, worst } = found.ulps[whose]
      expect([median, worst]).toEqual([sorted[Math.ceil(sorted.length / 2) - 1], sorted.at(-1)])
      expect(worst).toBeGreaterThan(0)
      expect(worst).toBeLessThan(3)
    }
    expect(all).toHaveLength(12 * backends().length)
    expect(all[0]).not.toHaveProperty('histograms')
  })

  it('fails for a refusal that is none, alone', () => {
    expect(found.passed).toBe(false)
    expect(found.problems).toEqual(
      backends().map((on) => ({
        case: 'odd',
        view: 'error',
        message: `on ${on}: accepted without an error`,
      })),
    )
    expect(survey({ ...spec, errors: [] }, fixture)).toMatchObject({
      passed: true,
      problems: [],
      errorCases: 0,
    })
  })

  it('fails for what is wrong with a case, naming it; with the spec, and with the totals', () => {
    const { spec: broken, fixture: own } = brokenBench((layer) => {
      if (layer.w.dtype === 'float64') return
      const right = layer.bwd.bind(layer)
      layer.bwd = () => {
        right()
        if (layer.x!.shape[0] === 5) layer.b.g!.data[0] += 1
      }
    })
    const one = survey(broken, own)
    expect(one.passed).toBe(false)
    expect(new Set(one.problems.map((problem) => problem.case))).toEqual(new Set(['five', null]))
    expect(one.cases.map(({ passed }) => passed)).toEqual([true, false, true])
    expect(
      one.problems.some(({ case: at, message }) => at === null && message.startsWith('the worst of')),
    ).toBe(true)
    const fewer = survey({ ...spec, errors: [], cases: spec.cases.slice(0, 2) }, fixture)
    expect(fewer.problems.map(({ view, message }) => `${view}: ${message}`)).toEqual([
      expect.stringMatching(/^fixture: cases\.json has cases that the spec has not: seven/),
      ...fewer.steps.map(
        ({ id }) =>
          `equations: step '${id}' of the derivation is evaluated on 2 cases, at least 3 are needed`,
      ),
    ])
  })

  it('of nothing has no numbers', () => {
    const nothing = survey(
      { ...spec, cases: [], errors: [] },
      { ...fixture, file: { ...fixture.file, cases: [] } },
    )
    expect(nothing).toMatchObject({
      passed: false,
      furthest: null,
      coordinates: 0,
      ulps: { ours: { median: 0, worst: 0 }, torch: { median: 0, worst: 0 } },
      ratios: { median: 1, worst: 1 },
    })
  })
})
