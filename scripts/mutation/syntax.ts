import { type Node, parseSync, visitorKeys } from 'oxc-parser'

export type { Node }

/** A node and where it stands. */
export interface Place {
  readonly node: Node
  /** The nodes around it, the nearest first, each with the property that leads to the one inside. */
  readonly around: readonly { readonly node: Node; readonly key: string }[]
  readonly source: string
  /** AssemblyScript: typed numbers, and no strings that matter. */
  readonly isKernel: boolean
}

/** A piece of the source that is replaced. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Puts an edit into the source. */
export const edited = (source: string, { start, end, text }: Edit): string =>
  source.slice(0, start) + text + source.slice(end)

/** The text of a node. */
export const textOf = (source: string, { start, end }: { start: number; end: number }): string =>
  source.slice(start, end)

/** AssemblyScript lets decorators stand before functions; TypeScript does not. As many blanks keep all places. */
const withoutDecorators = (source: string): string =>
  source.replace(/^([ \t]*)(@\w+)[ \t]*$/gm, (line) => ' '.repeat(line.length))

/** The syntax tree of a source, or null where it is no TypeScript. */
export function parse(path: string, source: string): { program: Node; comments: readonly Comment[] } | null {
  const isKernel = path.endsWith('.as.ts')
  const { program, comments, errors } = parseSync(path, isKernel ? withoutDecorators(source) : source)
  return errors.length > 0 ? null : { program, comments }
}

export interface Comment {
  readonly value: string
  readonly start: number
  readonly end: number
}

/** Nodes of types that hold an expression; all others of that name are erased before the code runs. */
const OF_VALUES = new Set([
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
])
const ERASED = new Set(['ImportDeclaration', 'ExportAllDeclaration', 'ImportExpression'])

const isErased = ({ type }: Node): boolean =>
  ERASED.has(type) || (type.startsWith('TS') && !OF_VALUES.has(type))

/** Every node that runs, from the outside in. */
export function* places(program: Node, source: string, isKernel: boolean): Generator<Place> {
  function* visit(node: Node, around: Place['around']): Generator<Place> {
    if (isErased(node)) return
    yield { node, around, source, isKernel }
    for (const key of visitorKeys[node.type] ?? []) {
      const value = (node as unknown as Record<string, unknown>)[key] as Node | (Node | null)[] | null
      for (const child of Array.isArray(value) ? value : [value]) {
        if (child !== null && child !== undefined) yield* visit(child, [{ node, key }, ...around])
      }
    }
  }
  yield* visit(program, [])
}
