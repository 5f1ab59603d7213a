import type { Mistake } from './mutants.ts'
import { parse } from './syntax.ts'

/** What a comment says: a mistake in its line changes nothing, and why. */
export interface Claim {
  readonly line: number
  readonly operator: string
  /** What is replaced by what, where the comment says so. */
  readonly change: { readonly before: string; readonly after: string } | null
  readonly reason: string
}

/** At most this share of a file's mistakes may be called equivalent. */
export const MOST_EQUIVALENT = 0.05

const FORM = /^\s*mutant: ([a-z ]+?)(?: `([^`]*)` → `([^`]*)`)? is equivalent because (\S.*)$/

/** The claims of a file: `// mutant: constant `1` → `2` is equivalent because …`, in the line or above it. */
export function claimsOf(file: string, source: string): Claim[] {
  const claims: Claim[] = []
  for (const { value, start, end } of parse(file, source)?.comments ?? []) {
    if (!value.trimStart().startsWith('mutant:')) continue
    const line = source.slice(0, start).split('\n').length
    const [, operator, before, after, reason] = FORM.exec(value.replace(/\s+$/, '')) ?? []
    if (operator === undefined)
      throw new Error(
        `${file}:${line}: expected 'mutant: <operator> [\`before\` → \`after\`] is equivalent because <reason>', got '${value.trim()}'`,
      )
    const isAlone = source.slice(source.lastIndexOf('\n', start) + 1, start).trim() === ''
    const change = before === undefined ? null : { before, after }
    claims.push({ line: isAlone ? lineBelow(source, end) : line, operator, change, reason })
  }
  return claims
}

/** The next line that is code. */
function lineBelow(source: string, end: number): number {
  const lines = source.split('\n')
  let line = source.slice(0, end).split('\n').length
  while (line < lines.length && /^\s*(\/\/.*)?$/.test(lines[line])) line++
  return line + 1
}

/** The claim that a mistake is equivalent, if there is one. */
export function claimFor(claims: readonly Claim[], mistake: Mistake, source: string): Claim | null {
  const before = source.slice(mistake.start, mistake.end)
  const found = claims.find(
    ({ line, operator, change }) =>
      line === mistake.line &&
      operator === mistake.operator &&
      (change === null || (change.before === before && change.after === mistake.text)),
  )
  return found ?? null
}

/** What is wrong with a file's claims: too many, or for nothing. */
export function wrongClaims(file: string, source: string, mistakes: readonly Mistake[]): string[] {
  const claims = claimsOf(file, source)
  const claimed = mistakes.filter((mistake) => claimFor(claims, mistake, source) !== null)
  const unused = claims.filter((claim) => !mistakes.some((one) => claimFor([claim], one, source) !== null))
  const wrong = unused.map(
    ({ line, operator }) => `${file}:${line}: no mutant '${operator}' is there that the comment could mean`,
  )
  const most = Math.floor(MOST_EQUIVALENT * mistakes.length)
  if (claimed.length > most)
    wrong.push(
      `${file}: ${claimed.length} of ${mistakes.length} mutants are called equivalent, ${most} may be (${100 * MOST_EQUIVALENT} %)`,
    )
  return wrong
}
