import { numel } from '@handgrad/tensor'
import { type FunctionNode, isFunctionNode, type MathNode } from 'mathjs/number'
import { compile, type Env } from './compile.ts'
import { type Model, type ParsedStep, realContext } from './model.ts'
import { calleeOf, nameOf } from './parse.ts'

/** Functions whose further arguments are the indices they run over. */
const BINDERS = new Set(['sum', 'max', 'argmax'])

/** The index names that an expression leaves open. */
export function freeIndices(node: MathNode, slots: ReadonlyMap<string, number>): string[] {
  const free = new Set<string>()
  const visit = (part: MathNode, bound: readonly string[]): void => {
    if (isFunctionNode(part)) {
      const { args } = part as FunctionNode
      const binds = BINDERS.has(calleeOf(part as FunctionNode))
      const inner = binds ? [...bound, ...args.slice(1).map(nameOf)] : bound
      for (const arg of binds ? args.slice(0, 1) : args) visit(arg, inner)
      return
    }
    if (part.type === 'SymbolNode') {
      const name = nameOf(part)
      if (slots.has(name) && !bound.includes(name)) free.add(name)
    }
    part.forEach((child) => visit(child as MathNode, bound))
  }
  visit(node, [])
  return [...free]
}

/** The values of an expression for every combination of `names`, row-major. */
export function evaluateOver(
  model: Model,
  node: MathNode,
  names: readonly string[],
): { shape: number[]; data: Float64Array } {
  const context = realContext(model)
  const f = compile(node, context)
  const shape = names.map((name) => model.extents[name])
  const slots = names.map((name) => context.slots.get(name)!)
  const env: Env = []
  const data = Float64Array.from({ length: numel(shape) }, (_, flat) => {
    let rest = flat
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      env[slots[axis]] = rest % shape[axis]
      rest = Math.floor(rest / shape[axis])
    }
    return f(env)
  })
  return { shape, data }
}

/** The names on the left of a line that defines a tensor or an operator. */
export function leftIndices(
  { parsed: { left, leftNode } }: ParsedStep,
  slots: ReadonlyMap<string, number>,
): string[] {
  return left.kind === 'identity' ? freeIndices(leftNode, slots) : left.indices.map(nameOf)
}

/** The right side of a line for every combination of the indices on its left. */
export function evaluateElements(model: Model, step: ParsedStep): { shape: number[]; data: Float64Array } {
  const names = leftIndices(step, model.slots)
  const open = freeIndices(step.parsed.right, model.slots).filter((name) => !names.includes(name))
  if (open.length > 0)
    throw new Error(`index ${open.join(', ')} is open on the right and not on the left: is a sum missing?`)
  return evaluateOver(model, step.parsed.right, names)
}
