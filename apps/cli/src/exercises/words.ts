import type { Verdict } from './judge.ts'

/** A verdict in lines, the first of which says the most. */
export function linesOf({ exercise, passed, cases, says, wrong }: Verdict): string[] {
  if (passed) return [`${exercise}: right, in ${cases} cases`]
  const [first, ...others] = says
  const lines = [`${exercise}: ${first}`, ...others.map((other) => `  ${other}`)]
  if (wrong === null) return lines
  lines.push(`  ${wrong.where} (${wrong.case}): expected ${wrong.expected}, got ${wrong.got}`)
  if (wrong.difference !== null)
    lines.push(`  a central difference of the forward pass gives ${wrong.difference.toPrecision(6)} there`)
  return lines
}
