import type { Step } from '@handgrad/gradcheck'
import {
  AccessorNode,
  ConditionalNode,
  ConstantNode,
  FunctionNode,
  IndexNode,
  isAccessorNode,
  isConditionalNode,
  isConstantNode,
  isFunctionNode,
  isOperatorNode,
  isParenthesisNode,
  isRelationalNode,
  isSymbolNode,
  type MathNode,
  OperatorNode,
  ParenthesisNode,
  parse,
  RelationalNode,
} from 'mathjs/number'
import { bare, calleeOf, folded, isNumber, numberOf, one, sameProduct, tidy, zero } from './arithmetic.ts'
import { type Special, sizeOf, unitAxes } from './case.ts'

const nameOf = (node: MathNode): string => (node as unknown as { name: string }).name
const isName = (node: MathNode, name: string): boolean => isSymbolNode(node) && nameOf(node) === name

/** An expression in a special case: what is fixed is put in, and what then does nothing is left out. */
export function specialise(node: MathNode, special: Special): MathNode {
  const go = (part: MathNode): MathNode => specialise(part, special)
  if (special.facts.has(node.toString())) return one
  if (special.facts.has(opposite(node))) return zero
  if (isParenthesisNode(node)) return brackets(go(node.content))
  if (isSymbolNode(node)) return symbol(node, special)
  if (isAccessorNode(node)) return access(node, special)
  if (isFunctionNode(node)) return call(node, special)
  if (isConditionalNode(node)) return choice(node, special)
  if (isRelationalNode(node)) return new RelationalNode(node.conditionals, node.params.map(go))
  return isOperatorNode(node) ? operator(node as never, special) : node
}

/** `mu != 0` for `mu == 0`. */
const opposite = (node: MathNode): string =>
  isOperatorNode(node) && node.fn === 'equal'
    ? new OperatorNode('!=' as never, 'unequal' as never, node.args as [MathNode, MathNode]).toString()
    : ''

const brackets = (node: MathNode): MathNode =>
  isOperatorNode(node) || isConditionalNode(node) || isRelationalNode(node) ? new ParenthesisNode(node) : node

function symbol(node: MathNode, { fixed, units }: Special): MathNode {
  const name = nameOf(node)
  if (units.has(name)) return zero
  const value = fixed[name]
  if (value === undefined) return node
  return typeof value === 'number' ? new ConstantNode(value) : parse(value)
}

function access(
  { object, index }: { object: MathNode; index: { dimensions: MathNode[] } },
  special: Special,
): MathNode {
  const of = isSymbolNode(object) ? nameOf(object) : calleeOf(object)
  const fixed = special.fixed[of]
  if (typeof fixed === 'number') return new ConstantNode(fixed)
  const flat = unitAxes(of, special)
  const places = index.dimensions.map((place) => bare(specialise(place, special)))
  // Outside of its one place a tensor is 0.
  if (flat !== null && places.some((place, axis) => flat[axis] && (numberOf(place) ?? 0) !== 0)) return zero
  const kept = places.filter((place, axis) => (flat === null ? !isNumber(place, 0) : !flat[axis]))
  const inner =
    typeof fixed === 'string' ? parse(fixed) : isSymbolNode(object) ? object : specialise(object, special)
  return kept.length === 0 ? inner : new AccessorNode(inner as never, new IndexNode(kept))
}

function operator(node: OperatorNode, special: Special): MathNode {
  const args = node.args.map((arg) => specialise(arg, special))
  const [a, b] = args.map(bare)
  const fn = node.fn as string
  const number = folded(fn, args)
  if (number !== null) return number
  if (fn === 'multiply') {
    if (isNumber(a, 1)) return args[1]
    if (isNumber(b, 1)) return args[0]
    if (isNumber(a, 0) || isNumber(b, 0)) return zero
  }
  if (fn === 'subtract' && isNumber(a, 0))
    return new OperatorNode('-' as never, 'unaryMinus' as never, [args[1]])
  if ((fn === 'add' || fn === 'subtract') && isNumber(b, 0)) return args[0]
  if (fn === 'add' && isNumber(a, 0)) return args[1]
  if (fn === 'divide' && isNumber(b, 1)) return args[0]
  if (fn === 'divide' && isNumber(a, 0)) return zero
  if (fn === 'pow' && isNumber(b, 1)) return args[0]
  if (fn === 'pow' && isNumber(b, 0)) return one
  return tidy(new OperatorNode(node.op, node.fn, args))
}

/** `floor(o/O)` is 0 where o is below O, and a remainder by more than that changes nothing. */
function whole(fn: string, args: MathNode[], special: Special): MathNode | null {
  const [first, second] = args.map(bare) as [MathNode, MathNode]
  const extentOf = (node: MathNode): MathNode | null => {
    const extent = isSymbolNode(node) ? special.derivation.indices[nameOf(node)] : undefined
    return extent === undefined ? null : sizeOf(extent, special.fixed)
  }
  if (fn === 'floor' && isOperatorNode(first) && first.fn === 'divide') {
    const extent = extentOf(bare(first.args[0]))
    return extent !== null && sameProduct(extent, first.args[1]) ? zero : null
  }
  if (fn === 'floor') return isOperatorNode(first) ? null : first
  if (isNumber(second, 1)) return zero
  if (isNumber(first, 0)) return zero
  const quotient = calleeOf(first) === 'floor' ? bare((first as FunctionNode).args[0]) : null
  if (quotient === null || !isOperatorNode(quotient) || quotient.fn !== 'divide') {
    const extent = extentOf(first)
    return extent !== null && sameProduct(extent, second) ? first : null
  }
  const extent = extentOf(bare(quotient.args[0]))
  const product = new OperatorNode('*' as never, 'multiply' as never, [quotient.args[1], second])
  return extent !== null && sameProduct(extent, product) ? first : null
}

function call(node: FunctionNode, special: Special): MathNode {
  const fn = calleeOf(node)
  const [body, ...over] = node.args
  if (['sum', 'max', 'argmax'].includes(fn) && over.length > 0) return reduction(node, special)
  const args = node.args.map((arg) => bare(specialise(arg, special)))
  if (fn === 'mod' || fn === 'floor') {
    const simpler = whole(fn, args, special)
    if (simpler !== null) return simpler
  }
  if (fn === 'diff' && isConstantNode(args[0])) return zero
  return body === undefined ? node : new FunctionNode(fn, args)
}

function reduction(node: FunctionNode, special: Special): MathNode {
  const fn = calleeOf(node)
  const [body, ...over] = node.args as [MathNode, ...MathNode[]]
  if (over.every(isConstantNode)) return axes(fn, body, over, special)
  const kept = over.filter((index) => !special.units.has(nameOf(index)))
  const inner = bare(specialise(body, special))
  return picked(fn, inner, kept, body)
}

/** `sum(G, 0, 2)`: the sum of a whole tensor over axes, counted without those that are gone. */
function axes(fn: string, tensor: MathNode, over: MathNode[], special: Special): MathNode {
  const flat = isSymbolNode(tensor) ? unitAxes(nameOf(tensor), special) : null
  if (flat === null) return new FunctionNode(fn, [tensor, ...over])
  const places = flat.flatMap((unit, axis) => (unit ? [] : [axis]))
  const kept = over.flatMap((axis) => {
    const at = places.indexOf((axis as unknown as { value: number }).value)
    return at < 0 ? [] : [new ConstantNode(at)]
  })
  return kept.length === 0 ? tensor : new FunctionNode(fn, [tensor, ...kept])
}

function factors(node: MathNode): MathNode[] {
  const inside = bare(node)
  return isOperatorNode(inside) && inside.fn === 'multiply' ? inside.args.flatMap(factors) : [inside]
}

/** A condition that has become `c == k` picks one term of the sum over c, and is gone with it. */
function picked(fn: string, body: MathNode, over: MathNode[], before: MathNode): MathNode {
  const known = new Set(factors(before).map((factor) => factor.toString()))
  for (const condition of factors(body)) {
    if (fn !== 'sum' || !isOperatorNode(condition) || condition.fn !== 'equal') continue
    if (known.has(condition.toString())) continue
    const [a, b] = condition.args.map(bare) as [MathNode, MathNode]
    const loop = over.find((index) => isName(a, nameOf(index)))
    if (loop === undefined || !isSymbolNode(b)) continue
    const left = factors(body).filter((factor) => factor !== condition)
    const rest = left
      .map((factor) => factor.transform((part: MathNode) => (isName(part, nameOf(loop)) ? b : part)))
      .reduce((x, y) => new OperatorNode('*' as never, 'multiply' as never, [x, y]))
    return picked(
      fn,
      rest,
      over.filter((index) => index !== loop),
      before,
    )
  }
  return over.length === 0 ? grouped(body) : new FunctionNode(fn, [body, ...over])
}

const grouped = (node: MathNode): MathNode =>
  isOperatorNode(node) && ['add', 'subtract'].includes(node.fn) ? new ParenthesisNode(node) : node

/** The case in which a name equals a number, for a condition that says so; null for any other. */
function whereEqual(condition: MathNode, special: Special): Special | null {
  const node = bare(condition)
  if (!isOperatorNode(node) || node.fn !== 'equal') return null
  const [left, right] = node.args as [MathNode, MathNode]
  const value = numberOf(right)
  if (!isSymbolNode(left) || value === undefined) return null
  return { ...special, fixed: { ...special.fixed, [nameOf(left)]: value } }
}

function choice(node: ConditionalNode, special: Special): MathNode {
  const [condition, yes, no] = [node.condition, node.trueExpr, node.falseExpr].map((part) =>
    specialise(part, special),
  ) as [MathNode, MathNode, MathNode]
  if (isNumber(condition, 1)) return bare(yes)
  if (isNumber(condition, 0) || yes.toString() === no.toString()) return bare(no)
  const there = whereEqual(condition, special)
  if (there !== null) {
    const [own, other] = [node.trueExpr, node.falseExpr].map((part) =>
      bare(specialise(part, there)).toString(),
    )
    // What is said of one place is what is said of all others.
    if (own === other) return bare(no)
  }
  return new ConditionalNode(condition, yes, no)
}

/** The two sides of an equation. */
export const sidesOf = (equation: string): string[] =>
  equation.split(/(?<![=<>!])=(?!=)/).map((side) => side.trim())

/** A line of a derivation in a special case. */
export function specialStep(step: Step, special: Special): Step {
  const sides = sidesOf(step.equation).map((side) => bare(specialise(parse(side), special)).toString())
  const equation = sides.join(' = ')
  return { ...step, equation }
}
