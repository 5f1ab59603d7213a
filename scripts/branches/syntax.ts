import { type Node, type Program, parseSync, visitorKeys } from 'oxc-parser'

/** A source as a tree, TypeScript's or AssemblyScript's. */
export interface Tree {
  readonly program: Program
  readonly comments: readonly { readonly value: string; readonly start: number }[]
}

/**
 * Parses a source.
 * @throws SyntaxError that names the file.
 */
export function parse(file: string, source: string): Tree {
  // AssemblyScript has decorators of functions: blanks of the same length, so that all places stay.
  const text = source.replace(/^@\w+$/gm, (decorator) => ' '.repeat(decorator.length))
  const { program, comments, errors } = parseSync(file, text, { lang: 'ts', preserveParens: false })
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors[0].message}`)
  return { program, comments }
}

/** The nodes right under one, in the order of the text. */
export function children(node: Node): Node[] {
  const parts = visitorKeys[node.type].flatMap((key) => (node as unknown as Record<string, unknown>)[key])
  return parts.filter((part): part is Node => typeof part === 'object' && part !== null && 'type' in part)
}

/** Calls `enter` for a node and all under it; where it gives false, not for those under that one. */
export function walk(node: Node, enter: (node: Node) => boolean | void): void {
  if (enter(node) === false) return
  for (const child of children(node)) walk(child, enter)
}

/** Where a place is: the number of its line. */
export function lineOf(source: string, at: number): number {
  return source.slice(0, at).split('\n').length
}
