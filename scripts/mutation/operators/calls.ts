import { type Edit, type Node, type Place, textOf } from '../syntax.ts'

/** Two of a kind may be of one type: two names, two properties, two numbers. */
function kindOf(node: Node): string | null {
  if (node.type === 'Identifier') return node.name === 'undefined' ? null : 'name'
  if (node.type === 'MemberExpression') return 'property'
  return node.type === 'Literal' ? typeof node.value : null
}

/** What is the same whichever way round its first two arguments are: kernels' sums and products too. */
const symmetric = /^(Math\.(max|min|imul)|Object\.is|[fi]\d+x\d+\.(add|mul|min|max)|v128\.(and|or|xor)|madd)$/

/** Two neighbours among the arguments, each in the other's place. */
export function swappedArguments({ node, source }: Place): Edit[] {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return []
  const edits: Edit[] = []
  for (let i = symmetric.test(textOf(source, node.callee)) ? 2 : 1; i < node.arguments.length; i++) {
    const [a, b] = [node.arguments[i - 1], node.arguments[i]]
    const [first, second] = [textOf(source, a), textOf(source, b)]
    if (kindOf(a) === null || kindOf(a) !== kindOf(b) || first === second) continue
    const between = source.slice(a.end, b.start)
    edits.push({ start: a.start, end: b.end, text: second + between + first })
  }
  return edits
}

const copies = new Set(['clone', 'slice', 'copy'])

function isTyped(node: Node): boolean {
  return node.type === 'Identifier' && /^((Uint|Int|Float|BigInt|BigUint)\w*Array|Array)$/.test(node.name)
}

/** What a call copies. */
function original({ node }: Place): Node | null {
  if (node.type === 'ArrayExpression') {
    const [only] = node.elements
    return node.elements.length === 1 && only?.type === 'SpreadElement' ? only.argument : null
  }
  if (node.type === 'ObjectExpression') {
    const [only] = node.properties
    return node.properties.length === 1 && only.type === 'SpreadElement' ? only.argument : null
  }
  if (node.type === 'NewExpression') {
    const [from, more] = node.arguments
    const isCopy = isTyped(node.callee) && more === undefined && from?.type === 'MemberExpression'
    return isCopy && from.property.type === 'Identifier' && from.property.name === 'data' ? from : null
  }
  if (node.type !== 'CallExpression') return null
  const { callee } = node
  const [from, more] = node.arguments
  if (callee.type === 'Identifier' && callee.name === 'structuredClone') return from ?? null
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return null
  if (from === undefined) return copies.has(callee.property.name) ? callee.object : null
  const isFrom = isTyped(callee.object) && callee.property.name === 'from' && more === undefined
  return isFrom && from.type !== 'ObjectExpression' ? from : null
}

/** A copy that is not made: what was to be kept apart is one thing. */
export function removedClone(place: Place): Edit[] {
  const { node, source } = place
  const from = original(place)
  return from === null ? [] : [{ start: node.start, end: node.end, text: `(${textOf(source, from)})` }]
}
