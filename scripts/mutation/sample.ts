import { createHash } from 'node:crypto'
import type { Mistake } from './mutants.ts'

/** The order in which the mistakes of a kind are drawn: by seed, and untouched by changes elsewhere in the file. */
function rank(seed: number, { file, operator, text }: Mistake, before: string, nth: number): string {
  return createHash('sha256').update([seed, file, operator, before, text, nth].join('\0')).digest('hex')
}

function drawn(seed: number, mistakes: readonly Mistake[], source: string): Mistake[] {
  const seen = new Map<string, number>()
  const ranked = mistakes.map((mistake) => {
    const before = source.slice(mistake.start, mistake.end)
    const nth = seen.get(`${before}\0${mistake.text}`) ?? 0
    seen.set(`${before}\0${mistake.text}`, nth + 1)
    return { mistake, key: rank(seed, mistake, before, nth) }
  })
  return ranked.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ mistake }) => mistake)
}

/** How many of each kind: the same share of all, and `count` together. */
function shares(sizes: readonly number[], count: number): number[] {
  const all = sizes.reduce((sum, n) => sum + n, 0)
  const exact = sizes.map((n) => (count * n) / all)
  const taken = exact.map(Math.floor)
  const rest = exact.map((n, i) => ({ i, over: n - taken[i] })).sort((a, b) => b.over - a.over || a.i - b.i)
  const missing = count - taken.reduce((sum, n) => sum + n, 0)
  for (const { i } of rest.slice(0, missing)) taken[i]++
  return taken
}

/** `count` mistakes of a file, or all where it has fewer: of each operator the same share, the same ones for a seed. */
export function sample(mistakes: readonly Mistake[], source: string, count: number, seed: number): Mistake[] {
  if (mistakes.length <= count) return [...mistakes]
  const kinds = [...Map.groupBy(mistakes, ({ operator }) => operator).values()]
  const taken = shares(
    kinds.map(({ length }) => length),
    count,
  )
  return kinds
    .flatMap((kind, i) => drawn(seed, kind, source).slice(0, taken[i]))
    .sort((a, b) => a.start - b.start || (a.text < b.text ? -1 : 1))
}
