import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPORT_VERSION, type Report, type StepSummary } from '@handgrad/gradcheck'
import { root } from './source.ts'

/** @throws Error for a report of another version. */
function readReport(file: string): Report | null {
  if (!existsSync(file)) return null
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  if (report.version === REPORT_VERSION) return report
  throw new Error(
    `${file} is a report of version ${report.version}, expected ${REPORT_VERSION}: run pnpm report`,
  )
}

/** What the proof found when this site was built; null in `astro dev` before the first build. */
export const report: Report | null = readReport(join(root, 'apps/docs/.report/report.json'))

const full = readReport(join(root, 'report.json'))
const same = full?.made.commit === report?.made.commit

/** The mutants and their training curves, which take minutes: from the last `pnpm report`, if that was of this commit. */
export const hunt: Pick<Report, 'mutants' | 'curves'> = {
  mutants: same ? (full?.mutants ?? null) : null,
  curves: same ? (full?.curves ?? null) : null,
}

/**
 * What the tests found for one step of the derivation of `layers/conv2d`, say; null where nothing was run.
 * @throws Error when the report lacks the step: a page's equation that nobody evaluated must not be built.
 */
export function evidenceOf(derivation: string, step: string): StepSummary | null {
  if (report === null) return null
  const [pkg, folder] = derivation.split('/')
  const spec = report.specs.find(({ source }) => source === `packages/${pkg}/src/${folder}`)
  const found = spec?.steps.find(({ id, cases }) => id === step && cases > 0)
  if (found === undefined)
    throw new Error(`the report has no step '${step}' of ${derivation}: the site is built on other sources`)
  return found
}
