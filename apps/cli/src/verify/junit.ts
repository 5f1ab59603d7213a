import type { OutputsReport } from '@handgrad/gradcheck'

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text in XML: what it cannot hold at all becomes a question mark. */
const escaped = (text: string): string =>
  text.replace(/[^\t\n\r -\ud7ff\ue000-\ufffd]/g, '?').replace(/[&<>"]/g, (sign) => entities[sign])

interface TestCase {
  readonly suite: string
  readonly name: string
  readonly failures: readonly string[]
  readonly skipped: boolean
}

/** Every case that was answered, and those that were not: skipped, or failed with `all`. */
function casesOf({ tensors, problems, notOffered }: OutputsReport, all: boolean): TestCase[] {
  const answered = new Set([...tensors.map((row) => row.case), ...Object.keys(problems)])
  const split = (id: string): Pick<TestCase, 'suite' | 'name'> => {
    const at = id.indexOf('/')
    return { suite: id.slice(0, Math.max(at, 0)), name: id.slice(at + 1) }
  }
  return [
    ...[...answered].map((id) => ({ ...split(id), failures: problems[id] ?? [], skipped: false })),
    ...notOffered.map((id) => ({
      ...split(id),
      failures: all ? ['no answer was given'] : [],
      skipped: !all,
    })),
  ]
}

function written({ suite, name, failures, skipped }: TestCase): string {
  const inner = skipped
    ? '<skipped message="no answer was given"/>'
    : failures.map((text) => `<failure message="${escaped(text)}"/>`).join('')
  return `    <testcase classname="${escaped(suite)}" name="${escaped(name)}">${inner}</testcase>\n`
}

/** The report as JUnit XML: a suite for each folder of the pack, a test case for each of its cases. */
export function junit(report: OutputsReport, all: boolean): string {
  const cases = casesOf(report, all)
  const suites = [...new Set(cases.map(({ suite }) => suite))].map((suite) => {
    const own = cases.filter((one) => one.suite === suite)
    const failed = own.filter(({ failures }) => failures.length > 0).length
    const skipped = own.filter((one) => one.skipped).length
    const counts = `tests="${own.length}" failures="${failed}" skipped="${skipped}"`
    return `  <testsuite name="${escaped(suite)}" ${counts}>\n${own.map(written).join('')}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`
}
