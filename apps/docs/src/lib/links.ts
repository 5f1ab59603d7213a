import { sourceOf } from './source.ts'

/** What ties a page's equations to the code that it shows: the build fails when something is no longer there. */
export interface Links {
  /** The declarations that the page shows: file and path, `Conv2d.gradients`. */
  readonly code: readonly (readonly [file: string, name: string])[]
  /** Which term of the equations each name in the code stands for: `{ 'this.weight': 'w' }`. */
  readonly symbols: Readonly<Record<string, string>>
  /** The page's own division of the derivation into parts, as ids of steps. */
  readonly parts?: Readonly<Record<string, readonly string[]>>
  /** Terms that are the same numbers in another shape: pointing at one points at the other. */
  readonly same?: Readonly<Record<string, string>>
  /** The lines of code, by a part of their text, that compute a step of the derivation. */
  readonly steps?: Readonly<Record<string, readonly string[]>>
}

/** A stretch of code that stands for a term. */
export interface TermSpan {
  readonly start: number
  readonly end: number
  readonly term: string
}

/** The names that a term goes by. */
export function namesOf(term: string, { same = {} }: Pick<Links, 'same'>): string {
  return Object.hasOwn(same, term) ? `${term} ${same[term]}` : term
}

const escaped = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')

/** Where the names of `symbols` stand in `text`, outside comments; longer names win. */
export function termSpans(text: string, symbols: Links['symbols']): TermSpan[] {
  const names = Object.keys(symbols).sort((a, b) => b.length - a.length)
  if (names.length === 0) return []
  const pattern = new RegExp(
    `\\/\\*[^]*?\\*\\/|\\/\\/.*|(?<![\\w.#'])(${names.map(escaped).join('|')})(?![\\w'])`,
    'g',
  )
  return [...text.matchAll(pattern)]
    .filter(([, name]) => name !== undefined)
    .map(({ index, 0: match }) => ({ start: index, end: index + match.length, term: symbols[match] }))
}

/** The steps that each line of `text` computes, by line. */
export function stepLines(text: string, steps: NonNullable<Links['steps']>): Map<number, string[]> {
  const found = new Map<number, string[]>()
  text.split('\n').forEach((line, i) => {
    const ids = Object.keys(steps).filter((id) => steps[id].some((part) => line.includes(part)))
    if (ids.length > 0) found.set(i, ids)
  })
  return found
}

const checked = new WeakSet<Links>()

/** @throws Error when a name or a line that `links` ties to an equation is no longer in the page's code. */
export function checkLinks(links: Links): void {
  if (checked.has(links)) return
  const texts = links.code.map(([file, name]) => sourceOf(file, name).text)
  const spans = new Set(
    texts.flatMap((text) => termSpans(text, links.symbols).map(({ start, end }) => text.slice(start, end))),
  )
  const gone = [
    ...Object.keys(links.symbols).filter((name) => !spans.has(name)),
    ...Object.values(links.steps ?? {})
      .flat()
      .filter((part) => !texts.some((text) => text.includes(part))),
  ]
  if (gone.length > 0)
    throw new Error(`links to code that is gone: ${gone.join(' | ')} (${links.code.join('; ')})`)
  checked.add(links)
}
