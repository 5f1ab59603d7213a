import {
  ConstantNode,
  isConstantNode,
  isFunctionNode,
  isOperatorNode,
  isParenthesisNode,
  isSymbolNode,
  type MathNode,
  simplify,
} from 'mathjs/number'

/** What a case with ones and zeros makes of an index: nothing is reordered, so that a line keeps its look. */
const rules: string[] = [
  'n*1 -> n',
  '1*n -> n',
  'n*0 -> 0',
  '0*n -> 0',
  'n+0 -> n',
  '0+n -> n',
  'n-0 -> n',
  'n/1 -> n',
  '0/n -> 0',
  'c1*c2 -> c1*c2',
]

export const zero: MathNode = new ConstantNode(0)
export const one: MathNode = new ConstantNode(1)

/** An expression without the brackets around it. */
export const bare = (node: MathNode): MathNode => (isParenthesisNode(node) ? bare(node.content) : node)

/** The number that an expression is; undefined for any other. */
export function numberOf(node: MathNode): number | undefined {
  const inside = bare(node)
  const { value } = inside as { value?: unknown }
  return isConstantNode(inside) && typeof value === 'number' ? value : undefined
}

/** Whether an expression is this number. */
export const isNumber = (node: MathNode, value: number): boolean => numberOf(node) === value

const folds: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  equal: (a, b) => Number(a === b),
  smallerEq: (a, b) => Number(a <= b),
}

/** A sum or a condition of two numbers as a number; null for any other: a product keeps its look, 2·2 is a window's. */
export function folded(fn: string, args: readonly MathNode[]): MathNode | null {
  const [a, b] = args.map(numberOf)
  return a === undefined || b === undefined || folds[fn] === undefined
    ? null
    : new ConstantNode(folds[fn](a, b))
}

/** The name of the function that is called; empty for what is no call. */
export function calleeOf(node: MathNode): string {
  return isFunctionNode(node) ? (node.fn as unknown as { name: string }).name : ''
}

/** Whether mathjs' rules apply to all of an expression: numbers, names, and +, −, ·, / between them. */
export function isArithmetic(node: MathNode): boolean {
  const inside = bare(node)
  if (isConstantNode(inside) || isSymbolNode(inside)) return true
  const plain = ['add', 'subtract', 'multiply', 'divide', 'unaryMinus']
  return isOperatorNode(inside) && plain.includes(inside.fn) && inside.args.every(isArithmetic)
}

/** Leaves out what does nothing: factors of 1, terms of 0. */
export function tidy(node: MathNode): MathNode {
  return isArithmetic(node) ? bare(simplify(node, rules, {}, { exactFractions: false })) : node
}

/** Whether two expressions are written alike, or as products in another order. */
export function sameProduct(a: MathNode, b: MathNode): boolean {
  const factors = (node: MathNode): string[] => {
    const inside = bare(node)
    if (isOperatorNode(inside) && inside.fn === 'multiply') return inside.args.flatMap(factors)
    return isNumber(inside, 1) ? [] : [inside.toString()]
  }
  return factors(a).sort().join() === factors(b).sort().join()
}
