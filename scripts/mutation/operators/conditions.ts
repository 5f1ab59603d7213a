import { type Edit, type Place, textOf } from '../syntax.ts'
import { replaceToken } from './edits.ts'

const boundaries: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '==': '!=',
  '!=': '==',
}

const vectors: Readonly<Record<string, string>> = {
  lt: 'le',
  le: 'lt',
  gt: 'ge',
  ge: 'gt',
  eq: 'ne',
  ne: 'eq',
}

/** The boundary itself on the other side; equal for unequal. */
export function comparison({ node, source }: Place): Edit[] {
  if (node.type === 'BinaryExpression' && Object.hasOwn(boundaries, node.operator))
    return [replaceToken(source, node.left.end, node.right.start, node.operator, boundaries[node.operator])]
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return []
  const { object, property } = node.callee
  if (object.type !== 'Identifier' || property.type !== 'Identifier') return []
  if (!/^[if]\d+x\d+$/.test(object.name) || !Object.hasOwn(vectors, property.name)) return []
  return [{ start: property.start, end: property.end, text: vectors[property.name] }]
}

/** && for ||, and one side alone. */
export function logical({ node, source }: Place): Edit[] {
  if (node.type === 'AssignmentExpression' && ['??=', '||=', '&&='].includes(node.operator))
    return [replaceToken(source, node.left.end, node.right.start, node.operator, '=')]
  if (node.type !== 'LogicalExpression') return []
  const { left, right, operator } = node
  const swap = (text: string): Edit => replaceToken(source, left.end, right.start, operator, text)
  const sides = [left, right].map((side) => ({
    start: node.start,
    end: node.end,
    text: `(${textOf(source, side)})`,
  }))
  if (operator === '&&') return [swap('||'), ...sides]
  if (operator === '||') return [swap('&&'), ...sides]
  // 0, '' and false are values: the usual mistake. Beside an object there is no difference.
  const isPlain = right.type === 'Literal' && right.value !== null
  // ?? stands beside || in brackets only.
  const or = `((${textOf(source, left)}) || ${textOf(source, right)})`
  return [...(isPlain ? [{ start: node.start, end: node.end, text: or }] : []), ...sides]
}

/** A condition turned round, where no other operator does the same. */
export function negation({ node, source }: Place): Edit[] {
  if (node.type === 'UnaryExpression' && node.operator === '!')
    return [{ start: node.start, end: node.end, text: `(${textOf(source, node.argument)})` }]
  const isAsked = ['IfStatement', 'ConditionalExpression', 'WhileStatement', 'DoWhileStatement'].includes(
    node.type,
  )
  if (!isAsked || !('test' in node) || node.test === null) return []
  const { test } = node
  if (test.type === 'UnaryExpression' && test.operator === '!') return []
  if (test.type === 'BinaryExpression' && /^[!=]==?$/.test(test.operator)) return []
  return [{ start: test.start, end: test.end, text: `!(${textOf(source, test)})` }]
}
