import type { Verdict } from './judge.ts'

const escaped = (text: string): string => text.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** Verdicts as JUnit XML: what a course's CI reads. */
export function junitOf(verdicts: readonly Verdict[]): string {
  const failures = verdicts.filter(({ passed }) => !passed).length
  const cases = verdicts.map(({ exercise, passed, says, wrong }) => {
    const open = `  <testcase classname="handgrad.exercise" name="${escaped(exercise)}"`
    if (passed) return `${open}/>`
    const where =
      wrong === null ? '' : `${wrong.where} (${wrong.case}): expected ${wrong.expected}, got ${wrong.got}`
    return `${open}><failure message="${escaped(says[0])}">${escaped([...says.slice(1), where].join('\n'))}</failure></testcase>`
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="handgrad exercise" tests="${verdicts.length}" failures="${failures}">`,
    ...cases,
    '</testsuite>',
    '',
  ].join('\n')
}
