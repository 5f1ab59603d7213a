import type { Edit, Node, Place } from '../syntax.ts'

/** A kernel without its `return` does not compile. */
function isDropped(node: Node, isKernel: boolean): boolean {
  switch (node.type) {
    case 'ExpressionStatement':
      if (node.expression.type === 'CallExpression' && node.expression.callee.type === 'Super') return false
      return node.expression.type !== 'Literal'
    case 'ThrowStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return true
    case 'ReturnStatement':
      return !isKernel
    default:
      return false
  }
}

/** A statement that is not there; what would be returned is not. */
export function droppedStatement({ node, isKernel }: Place): Edit[] {
  if (!isDropped(node, isKernel)) return []
  if (node.type === 'ReturnStatement' && node.argument !== null)
    return [{ start: node.start, end: node.end, text: 'return;' }]
  return [{ start: node.start, end: node.end, text: ';' }]
}
