import {
  isOperatorNode,
  isParenthesisNode,
  isRelationalNode,
  type MathNode,
  type OperatorNode,
} from 'mathjs/number'

/** An expression without the brackets around it. */
export function unwrap(node: MathNode): MathNode {
  return isParenthesisNode(node) ? unwrap(node.content) : node
}

/** What the relations of the notation ask of two numbers. */
export const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  equal: (a, b) => a === b,
  unequal: (a, b) => a !== b,
  smaller: (a, b) => a < b,
  smallerEq: (a, b) => a <= b,
  larger: (a, b) => a > b,
  largerEq: (a, b) => a >= b,
}

/** True for what is either so or not so. */
export function isCondition(node: MathNode): boolean {
  const bare = unwrap(node)
  if (isRelationalNode(bare)) return true
  if (!isOperatorNode(bare)) return false
  return ['and', 'or', 'not'].includes(bare.fn) || Object.hasOwn(comparisons, bare.fn)
}

/** The factors of a product, conditions apart from values. */
export function factorsOf(node: MathNode): { conditions: MathNode[]; values: MathNode[] } {
  const bare = unwrap(node)
  if (isCondition(bare)) return { conditions: [bare], values: [] }
  if (!isOperatorNode(bare) || bare.fn !== 'multiply') return { conditions: [], values: [bare] }
  const parts = (bare as OperatorNode).args.map(factorsOf)
  return {
    conditions: parts.flatMap(({ conditions }) => conditions),
    values: parts.flatMap(({ values }) => values),
  }
}
