import type { Step } from './derivation.ts'

/** A line with one thing changed. */
export interface ChangedLine {
  readonly id: string
  readonly equation: string
  /** What was done to it. */
  readonly change: string
}

/** What a token is replaced with. */
const swaps: Readonly<Record<string, string>> = {
  '+': '-',
  '-': '+',
  '/': '*',
  '==': '!=',
  exp: 'log',
  log: 'exp',
  sqrt: 'exp',
  floor: 'exp',
  max: 'sum',
}

const TOKEN = /\d+(?:\.\d+)?|[A-Za-z]\w*|[=<>!]=|./g

function replaced(tokens: readonly string[], i: number, by: string): string {
  return [...tokens.slice(0, i), by, ...tokens.slice(i + 1)].join('')
}

/** Where the bracket that opens at `open` closes. */
function closing(tokens: readonly string[], open: number): number {
  let depth = 0
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i] === '(' || tokens[i] === '[') depth++
    if ((tokens[i] === ')' || tokens[i] === ']') && --depth === 0) return i
  }
  throw new Error(`no closing bracket in ${tokens.join('')}`)
}

/** Where the arguments of the call that opens at `open` are parted. */
function commas(tokens: readonly string[], open: number): number[] {
  const found: number[] = []
  let depth = 0
  for (let i = open; i < closing(tokens, open); i++) {
    if (tokens[i] === '(' || tokens[i] === '[') depth++
    if (tokens[i] === ')' || tokens[i] === ']') depth--
    if (tokens[i] === ',' && depth === 1) found.push(i)
  }
  return found
}

/** The sum at token `i` without itself, and with each of its indices left out. */
function withoutSums(tokens: readonly string[], i: number): { equation: string; change: string }[] {
  const open = i + 1
  const [end, parts] = [closing(tokens, open), commas(tokens, open)]
  const body = tokens.slice(open + 1, parts[0])
  const none = [...tokens.slice(0, i), '(', ...body, ')', ...tokens.slice(end + 1)].join('')
  const less = parts.map((comma, k) => {
    const next = parts[k + 1] ?? end
    return {
      equation: [...tokens.slice(0, comma), ...tokens.slice(next)].join(''),
      change: `sum without ${tokens
        .slice(comma + 1, next)
        .join('')
        .trim()}`,
    }
  })
  return [{ equation: none, change: 'sum removed' }, ...(parts.length > 1 ? less : [])]
}

/** Under a factor (a == b) it makes no difference which of the two a term reads. */
function saysTheSame(equation: string, a: string, b: string): boolean {
  return equation.includes(`(${a} == ${b})`) || equation.includes(`(${b} == ${a})`)
}

/**
 * Changes the right side of a line in every small way: each sign, each index for another of the line, each sum and each
 * of its indices left out.
 */
export function changedLines({ id, equation }: Step, indices: readonly string[]): ChangedLine[] {
  const at = equation.search(/(?<![=<>!])=(?!=)/) + 1
  const [left, right] = [equation.slice(0, at), equation.slice(at)]
  const tokens: readonly string[] = right.match(TOKEN) ?? []
  const words: readonly string[] = equation.match(TOKEN) ?? []
  const used = indices.filter((name) => words.includes(name))
  const changes = tokens.flatMap((token, i) => {
    const swap = swaps[token]
    const found =
      swap === undefined ? [] : [{ equation: replaced(tokens, i, swap), change: `${token} → ${swap}` }]
    if (token === 'sum' && tokens[i + 1] === '(') return withoutSums(tokens, i)
    if (!used.includes(token)) return found
    return used
      .filter((other) => other !== token && !saysTheSame(right, token, other))
      .map((other) => ({ equation: replaced(tokens, i, other), change: `${token} → ${other}` }))
  })
  return changes.map((change) => ({ id, equation: left + change.equation, change: change.change }))
}
