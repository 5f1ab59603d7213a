import {
  isAccessorNode,
  isFunctionNode,
  isOperatorNode,
  isParenthesisNode,
  isSymbolNode,
  type MathNode,
  type OperatorNode,
} from 'mathjs/number'
import { leftIndices } from './elements.ts'
import { definitionOf, dependents, type Model, type ParsedStep } from './model.ts'
import { calleeOf, nameOf, symbolsIn } from './parse.ts'

/** How many of a loop's rounds the equalities in a product let through, as a share. */
function pruned(node: MathNode, names: readonly string[], model: Model): number {
  if (isParenthesisNode(node)) return pruned((node as unknown as { content: MathNode }).content, names, model)
  if (!isOperatorNode(node)) return 1
  const { fn, args } = node as OperatorNode
  if ((fn as string) === 'multiply') return args.reduce((share, arg) => share * pruned(arg, names, model), 1)
  if ((fn as string) !== 'equal') return 1
  const extents = names.filter((name) => symbolsIn(node).has(name)).map((name) => model.extents[name])
  return 1 / Math.max(1, ...extents)
}

function children(node: MathNode): MathNode[] {
  const found: MathNode[] = []
  node.forEach((child) => found.push(child))
  return found
}

/** What an expression is differentiated by, and the symbols that lead there. */
interface Direction {
  readonly by: string
  readonly leads: ReadonlySet<string>
  /** How many definitions deep: a line may read its own symbol, one index before. */
  readonly depth: number
}

const DEEPEST = 8

function directionOf(by: MathNode, model: Model): Direction {
  const name = nameOf(isAccessorNode(by) ? (by as unknown as { object: MathNode }).object : by)
  return { by: name, leads: dependents(model, name), depth: 0 }
}

/** About how many operations one evaluation of an expression takes. */
function costOf(node: MathNode, model: Model, along: Direction | null): number {
  const inner = (parts: readonly MathNode[]): number =>
    parts.reduce((sum, part) => sum + costOf(part, model, along), 1)
  if (isFunctionNode(node)) {
    const call = node
    const name = calleeOf(call)
    if (name === 'diff') return costOf(call.args[0], model, directionOf(call.args[1], model))
    if (name === 'sum' || name === 'max' || name === 'argmax') {
      const names = call.args.slice(1).map(nameOf)
      const rounds = names.reduce(
        (product, index) => product * model.extents[index],
        pruned(call.args[0], names, model),
      )
      return 1 + rounds * costOf(call.args[0], model, along)
    }
  }
  if (along !== null && (isAccessorNode(node) || isSymbolNode(node))) {
    const name = nameOf(isAccessorNode(node) ? (node as unknown as { object: MathNode }).object : node)
    const step =
      name === along.by || along.depth === DEEPEST || !along.leads.has(name)
        ? undefined
        : definitionOf(model, name, 'first')
    if (step !== undefined) return 1 + costOf(step.parsed.right, model, { ...along, depth: along.depth + 1 })
  }
  return inner(children(node))
}

/** About how many operations the evaluation of a line takes in a case. */
export function costOfStep(model: Model, step: ParsedStep): number {
  const elements = leftIndices(step, model.slots).reduce((product, name) => product * model.extents[name], 1)
  const left = step.parsed.left.kind === 'identity' ? costOf(step.parsed.leftNode, model, null) : 0
  return elements * (costOf(step.parsed.right, model, null) + left)
}
