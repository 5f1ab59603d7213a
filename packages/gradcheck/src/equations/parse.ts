import {
  type AccessorNode,
  type FunctionNode,
  isAccessorNode,
  isFunctionNode,
  isSymbolNode,
  type MathNode,
  parse,
  type SymbolNode,
} from 'mathjs/number'

/** The left side of an equation, by what it says. */
export type Left =
  /** `y[n,o]` or `L`: defines a tensor, element by element. */
  | { readonly kind: 'tensor'; readonly symbol: string; readonly indices: readonly MathNode[] }
  /** `fold(P)[n,c]`: defines an operator on whole tensors. */
  | {
      readonly kind: 'operator'
      readonly symbol: string
      readonly parameters: readonly string[]
      readonly indices: readonly MathNode[]
    }
  /** Anything else: an identity of two expressions. */
  | { readonly kind: 'identity'; readonly expression: MathNode }

/** An equation in two parsed halves. */
export interface Equation {
  readonly text: string
  readonly left: Left
  readonly leftNode: MathNode
  readonly right: MathNode
}

/** The name of a symbol or of a function. */
export function nameOf(node: MathNode): string {
  if (isSymbolNode(node)) return (node as SymbolNode).name
  throw new Error(`'${node.toString()}' is not a name`)
}

/** The name of the function that is called. */
export function calleeOf(node: FunctionNode): string {
  return nameOf(node.fn as unknown as MathNode)
}

function leftOf(node: MathNode): Left {
  if (isSymbolNode(node)) return { kind: 'tensor', symbol: nameOf(node), indices: [] }
  if (!isAccessorNode(node)) return { kind: 'identity', expression: node }
  const { object, index } = node as AccessorNode & { object: MathNode }
  const indices = index.dimensions
  if (isSymbolNode(object)) return { kind: 'tensor', symbol: nameOf(object), indices }
  if (isFunctionNode(object)) {
    const call = object as FunctionNode
    return { kind: 'operator', symbol: calleeOf(call), parameters: call.args.map(nameOf), indices }
  }
  return { kind: 'identity', expression: node }
}

/**
 * Parses `left = right`; the sign is the one that is no part of `==`, `<=`, `>=` or `!=`.
 * @throws Error when there is not exactly one.
 */
export function parseEquation(text: string): Equation {
  const halves = text.split(/(?<![=<>!])=(?!=)/)
  if (halves.length !== 2) throw new Error(`'${text}' is not one equation`)
  const [leftNode, right] = halves.map((half) => parse(half.trim())) as [MathNode, MathNode]
  return { text, left: leftOf(leftNode), leftNode, right }
}

/** Every name that occurs in an expression as a symbol, the names of functions left out. */
export function symbolsIn(node: MathNode): Set<string> {
  const names = new Set<string>()
  node.traverse((part: MathNode, path: string) => {
    if (isSymbolNode(part) && path !== 'fn') names.add(nameOf(part))
  })
  return names
}
