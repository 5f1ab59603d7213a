import {
  type AccessorNode,
  type FunctionNode,
  isAccessorNode,
  isFunctionNode,
  isOperatorNode,
  type MathNode,
} from 'mathjs/number'
import type { ParsedStep } from './model.ts'
import { calleeOf, nameOf } from './parse.ts'

function partsOf(node: MathNode): { symbol: string; indices: string } {
  if (!isAccessorNode(node)) return { symbol: nameOf(node), indices: '' }
  const { object, index } = node as AccessorNode & { object: MathNode }
  return { symbol: nameOf(object), indices: index.dimensions.map(String).join(', ') }
}

function isDiff(node: MathNode): node is FunctionNode {
  return isFunctionNode(node) && calleeOf(node as FunctionNode) === 'diff'
}

/**
 * What a line `dx[i] = sum(dy[j] * diff(y[k], x[l]), m)` gets wrong as an instance of the chain rule, or null.
 *
 * Its value alone does not tell: where a derivative is 0 unless two indices agree, it does not matter which one dy reads.
 */
export function chainRuleProblem({ parsed: { leftNode, right } }: ParsedStep): string | null {
  if (!isFunctionNode(right) || calleeOf(right as FunctionNode) !== 'sum') return null
  const [product, ...over] = (right as FunctionNode).args
  if (!isOperatorNode(product) || (product.fn as string) !== 'multiply') return null
  const [upstream, local] = product.args
  if (!isDiff(local) || !isAccessorNode(upstream)) return null
  const [of, by] = local.args.map(partsOf)
  const [result, dy] = [leftNode, upstream].map(partsOf)
  if (dy.symbol !== `d${of.symbol}` || dy.indices !== of.indices) {
    return `the chain rule multiplies ∂${of.symbol}[${of.indices}] with d${of.symbol}[${of.indices}], not ${dy.symbol}[${dy.indices}]`
  }
  if (result.symbol !== `d${by.symbol}` || result.indices !== by.indices) {
    return `the chain rule for ${result.symbol}[${result.indices}] differentiates by ${result.symbol.slice(1)}[${result.indices}]`
  }
  const summed = over.map(nameOf).join(', ')
  return summed === of.indices ? null : `the chain rule sums over all of ${of.indices}, not over ${summed}`
}
