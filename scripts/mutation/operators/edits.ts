import type { Edit, Node, Place } from '../syntax.ts'

/** The edit that replaces the operator between two operands, where there may be comments too. */
export function replaceToken(source: string, from: number, to: number, token: string, text: string): Edit {
  const start = source.indexOf(token, from)
  if (start < 0 || start >= to) throw new Error(`no '${token}' between ${from} and ${to}`)
  return { start, end: start + token.length, text }
}

/** Whether a node is a string: one never subtracts those. */
export const isText = (node: Node): boolean =>
  node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string')

/** Whether a place lies in the part `key` of the nearest statement of that type, with no function between. */
export function within({ around }: Place, type: Node['type'], key: string): boolean {
  for (const { node, key: at } of around) {
    if (node.type === type) return at === key
    if (/Function|Statement$/.test(node.type)) return false
  }
  return false
}

/** What stands right around a place. */
export const outer = ({ around }: Place): { node: Node; key: string } | undefined => around[0]
