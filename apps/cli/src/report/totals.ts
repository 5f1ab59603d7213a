import type { MutantReport, ReportTotals, SpecReport } from '@handgrad/gradcheck'

/** Adds up what a report holds. */
export function totalsOf(
  specs: readonly SpecReport[],
  mutants: readonly MutantReport[] | null,
): ReportTotals {
  const sum = (of: (spec: SpecReport) => number): number => specs.reduce((total, spec) => total + of(spec), 0)
  return {
    specs: specs.length,
    cases: sum(({ cases }) => cases.length),
    errorCases: sum(({ errorCases }) => errorCases),
    lines: sum(({ steps }) => steps.length),
    steps: sum(({ steps }) => steps.reduce((total, { cases }) => total + cases, 0)),
    coordinates: sum(({ coordinates }) => coordinates),
    skipped: sum(({ skipped }) => skipped),
    mutants: mutants?.length ?? 0,
    caught: mutants?.filter(({ views }) => views.length > 0).length ?? 0,
    problems: sum(({ problems }) => problems.length),
  }
}
