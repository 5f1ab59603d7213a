import {
  derivative,
  evaluate,
  type FunctionNode,
  isFunctionNode,
  isSymbolNode,
  type MathNode,
} from 'mathjs/number'
import type { Model, ParsedStep } from './model.ts'
import { calleeOf, nameOf, symbolsIn } from './parse.ts'

/** Points at which a stated derivative is compared with the symbolic one. */
const POINTS = [-1.7, -0.6, 0.3, 1.1, 2.4]

/**
 * For a line `diff(f, z) = …` of plain numbers: what mathjs's symbolic derivative says against it, or null.
 *
 * Sizes that occur in it keep their value; z takes several.
 */
export function symbolicProblem(
  { binding, slots }: Model,
  { parsed: { leftNode, right } }: ParsedStep,
): string | null {
  if (!isFunctionNode(leftNode) || calleeOf(leftNode as FunctionNode) !== 'diff') return null
  const [of, by] = (leftNode as FunctionNode).args
  if (!isSymbolNode(by) || [...symbolsIn(of), ...symbolsIn(right)].some((name) => slots.has(name)))
    return null
  const symbolic: MathNode = derivative(of, nameOf(by))
  const sizes = Object.fromEntries(
    [...symbolsIn(of)].filter((n) => Object.hasOwn(binding.sizes, n)).map((n) => [n, binding.sizes[n]]),
  )
  for (const z of POINTS) {
    const scope = { ...sizes, [nameOf(by)]: z }
    const [theirs, ours] = [symbolic, right].map((node) => evaluate(node.toString(), scope) as number)
    if (!(Math.abs(theirs - ours) <= 1e-12 * Math.max(1, Math.abs(theirs)))) {
      return `at ${nameOf(by)} = ${z} the symbolic derivative is ${theirs}, the line says ${ours}`
    }
  }
  return null
}
