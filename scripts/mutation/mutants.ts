import { operators } from './operators/index.ts'
import { type Edit, edited, parse, places } from './syntax.ts'

/** A mistake that nobody chose. */
export interface Mistake extends Edit {
  /** From the repository's root. */
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly operator: string
}

/** All mistakes of a file, in the order of its lines. */
export function mistakesOf(file: string, source: string): Mistake[] {
  const tree = parse(file, source)
  if (tree === null) throw new Error(`${file} cannot be read as TypeScript`)
  const found = new Map<string, Mistake>()
  for (const place of places(tree.program, source, file.endsWith('.as.ts'))) {
    for (const [operator, editsOf] of Object.entries(operators)) {
      for (const edit of editsOf(place)) {
        const key = `${edit.start} ${edit.end} ${edit.text}`
        if (edited(source, edit) === source || found.has(key)) continue
        found.set(key, { file, line: source.slice(0, edit.start).split('\n').length, operator, ...edit })
      }
    }
  }
  return [...found.values()].sort((a, b) => a.start - b.start)
}

/** What stood in the lines of a mistake, and what stands there now. */
export function describe({ start, end, text }: Edit, source: string): string {
  const [from, to] = [source.lastIndexOf('\n', start) + 1, source.indexOf('\n', end)]
  const rest = (piece: string): string => (source.slice(from, start) + piece + source.slice(end, to)).trim()
  const short = (whole: string): string => whole.replace(/\s+/g, ' ').slice(0, 200)
  return `${short(rest(source.slice(start, end)))}  →  ${short(rest(text))}`
}
