import {
  type AccessorNode,
  type FunctionNode,
  isAccessorNode,
  isConditionalNode,
  isConstantNode,
  isFunctionNode,
  isOperatorNode,
  isParenthesisNode,
  isRelationalNode,
  isSymbolNode,
  type MathNode,
  type OperatorNode,
  type RelationalNode,
} from 'mathjs/number'
import { type Algebra, real } from './algebra.ts'
import { comparisons, factorsOf, isCondition, unwrap } from './conditions.ts'
import { calleeOf, nameOf, symbolsIn } from './parse.ts'

/** The values of the index names, by their slot. */
export type Env = number[]

/** What an expression is compiled against. */
export interface Context<T> {
  readonly algebra: Algebra<T>
  /** The slot of each index name in an {@link Env}. */
  readonly slots: ReadonlyMap<string, number>
  /** How far each index name runs. */
  readonly extents: Readonly<Record<string, number>>
  readonly sizes: Readonly<Record<string, number>>
  /** Tensors of whole numbers. */
  readonly whole: ReadonlySet<string>
  /** An element of a tensor; outside its borders 0. */
  read(symbol: string, index: readonly number[]): T
  /** The same as a plain number: for indices and the conditions on them. */
  readReal(symbol: string, index: readonly number[]): number
  /** The derivative of an expression with respect to one element, or to a size. */
  differentiate(of: MathNode, by: MathNode): (env: Env) => number
}

type Compiled<T> = (env: Env) => T

function fail(node: MathNode, why: string): never {
  throw new Error(`'${node.toString()}': ${why}`)
}

function compileCondition<T>(node: MathNode, context: Context<T>): Compiled<boolean> {
  const bare = unwrap(node)
  if (isRelationalNode(bare)) return compileChain(bare, context)
  if (!isCondition(bare)) return fail(bare, 'is no condition')
  const { fn, args } = bare as OperatorNode
  if (fn === 'not' || fn === 'and' || fn === 'or') {
    const [a, b] = args.map((arg) => compileCondition(arg, context))
    if (fn === 'not') return (env) => !a(env)
    return fn === 'and' ? (env) => a(env) && b(env) : (env) => a(env) || b(env)
  }
  const [a, b] = args.map((arg) => compile(arg, context))
  const holds = comparisons[fn]
  const { algebra } = context
  return (env) => holds(algebra.value(a(env)), algebra.value(b(env)))
}

/** `0 <= h < H`: each neighbour compared. */
function compileChain<T>({ conditionals, params }: RelationalNode, context: Context<T>): Compiled<boolean> {
  const parts = params.map((param) => compile(param, context))
  const tests = conditionals.map((name) => comparisons[name])
  const { algebra } = context
  return (env) => {
    const values = parts.map((part) => algebra.value(part(env)))
    return tests.every((holds, i) => holds(values[i], values[i + 1]))
  }
}

/** An index: a whole number, worked out in plain arithmetic. */
export function compileIndex<T>(node: MathNode, context: Context<T>): Compiled<number> {
  return compile(node, {
    ...context,
    algebra: real,
    read: (symbol, index) => context.readReal(symbol, index),
  })
}

function compileAccess<T>(node: AccessorNode, context: Context<T>): Compiled<T> {
  const symbol = nameOf((node as unknown as { object: MathNode }).object)
  const indices = node.index.dimensions.map((dimension) => compileIndex(dimension, context))
  return (env) =>
    context.read(
      symbol,
      indices.map((index) => index(env)),
    )
}

function compileSymbol<T>(node: MathNode, context: Context<T>): Compiled<T> {
  const name = nameOf(node)
  const slot = context.slots.get(name)
  const { algebra, sizes } = context
  if (slot !== undefined) return (env) => algebra.exact(env[slot])
  if (name === 'Infinity') return () => algebra.exact(Number.POSITIVE_INFINITY)
  if (Object.hasOwn(sizes, name)) {
    const constant = algebra.constant(sizes[name])
    return () => constant
  }
  return () => context.read(name, [])
}

/** A product; a condition that does not hold makes it 0 whatever the other factors are (Iverson's bracket). */
function compileProduct<T>(node: MathNode, context: Context<T>): Compiled<T> {
  const { conditions, values } = factorsOf(node)
  const tests = conditions.map((condition) => compileCondition(condition, context))
  const product = compileFactors(values, context)
  const { algebra } = context
  return (env) => (tests.every((holds) => holds(env)) ? product(env) : algebra.exact(0))
}

/** The product of values alone. */
function compileFactors<T>(values: readonly MathNode[], context: Context<T>): Compiled<T> {
  const factors = values.map((value) => compile(value, context))
  if (factors.length === 1) return factors[0]
  const { algebra } = context
  return (env) => factors.reduce((product, factor) => algebra.mul(product, factor(env)), algebra.exact(1))
}

function compileOperator<T>(node: OperatorNode, context: Context<T>): Compiled<T> {
  const { algebra } = context
  if ((node.fn as string) === 'multiply') return compileProduct(node, context)
  const [a, b] = node.args.map((arg) => compile(arg, context))
  switch (node.fn as string) {
    case 'add':
      return (env) => algebra.add(a(env), b(env))
    case 'subtract':
      return (env) => algebra.add(a(env), algebra.neg(b(env)))
    case 'unaryMinus':
      return (env) => algebra.neg(a(env))
    case 'divide':
      return (env) => algebra.div(a(env), b(env))
    case 'pow': {
      const power = compileIndex(node.args[1], context)
      return (env) => algebra.pow(a(env), power(env))
    }
    default:
      return fail(node, `the operator ${String(node.op)} is not part of the notation`)
  }
}

/** A loop over some indices with the conditions that can be tested once each index is known. */
interface Loop<T> {
  readonly names: readonly string[]
  /** For each depth, 0 being before the first index, the tests of the conditions that are known from there on. */
  readonly tests: readonly Compiled<boolean>[][]
  readonly body: Compiled<T>
}

/** Indices that conditions bind come first, so that a condition prunes as early as it can. */
function planLoop<T>(body: MathNode, names: readonly string[], context: Context<T>): Loop<T> {
  const { conditions, values } = factorsOf(body)
  const open = (condition: MathNode, known: readonly string[]): string[] =>
    names.filter((name) => !known.includes(name) && symbolsIn(condition).has(name))
  const order: string[] = []
  let rest = conditions
  while (rest.length > 0) {
    rest = rest.toSorted((a, b) => open(a, order).length - open(b, order).length)
    order.push(...open(rest[0], order))
    rest = rest.slice(1)
  }
  order.push(...names.filter((name) => !order.includes(name)))
  const tests = Array.from({ length: names.length + 1 }, (): Compiled<boolean>[] => [])
  for (const condition of conditions) {
    const depth = Math.max(0, ...order.map((name, i) => (symbolsIn(condition).has(name) ? i + 1 : 0)))
    tests[depth].push(compileCondition(condition, context))
  }
  return { names: order, tests, body: compileFactors(values, context) }
}

function runLoop<T>(
  { names, tests, body }: Loop<T>,
  context: Context<T>,
): (env: Env, visit: (term: T) => void) => void {
  const slots = names.map((name) => context.slots.get(name)!)
  const extents = names.map((name) => context.extents[name])
  const go = (env: Env, visit: (term: T) => void, depth: number): void => {
    for (const holds of tests[depth]) if (!holds(env)) return
    if (depth === names.length) return visit(body(env))
    for (let i = 0; i < extents[depth]; i++) {
      env[slots[depth]] = i
      go(env, visit, depth + 1)
    }
  }
  return (env, visit) => go(env, visit, 0)
}

function indicesOf(node: FunctionNode, context: Context<unknown>): string[] {
  return node.args.slice(1).map((arg) => {
    const name = nameOf(arg)
    if (!context.slots.has(name)) fail(node, `${name} is not an index`)
    return name
  })
}

function compileSum<T>(node: FunctionNode, context: Context<T>): Compiled<T> {
  const loop = runLoop(planLoop(node.args[0], indicesOf(node, context), context), context)
  return (env) => {
    const terms: T[] = []
    loop(env, (term) => terms.push(term))
    return context.algebra.total(terms)
  }
}

/** The largest value over one index, of ties the first; or where it is. NaN wins, the last one, as torch has it. */
function compileMax<T>(node: FunctionNode, context: Context<T>, wanted: 'value' | 'index'): Compiled<T> {
  const body = compile(node.args[0], context)
  const [name] = indicesOf(node, context)
  const slot = context.slots.get(name)!
  const { algebra } = context
  return (env) => {
    let best: T | undefined
    let at = 0
    for (let i = 0; i < context.extents[name]; i++) {
      env[slot] = i
      const candidate = body(env)
      const value = algebra.value(candidate)
      if (best !== undefined && !(value > algebra.value(best)) && !Number.isNaN(value)) continue
      best = candidate
      at = i
    }
    if (best === undefined) return fail(node, 'there is no maximum of nothing')
    return wanted === 'value' ? best : algebra.exact(at)
  }
}

function compileFunction<T>(node: FunctionNode, context: Context<T>): Compiled<T> {
  const { algebra } = context
  const name = calleeOf(node)
  if (name === 'sum') return compileSum(node, context)
  if (name === 'max') return compileMax(node, context, 'value')
  if (name === 'argmax') return compileMax(node, context, 'index')
  if (name === 'diff') {
    const derivative = context.differentiate(node.args[0], node.args[1])
    return (env) => algebra.exact(derivative(env))
  }
  if (name === 'mod') {
    const [a, b] = node.args.map((arg) => compileIndex(arg, context))
    return (env) => algebra.exact(a(env) - b(env) * Math.floor(a(env) / b(env)))
  }
  const argument = compile(node.args[0], context)
  return (env) => algebra.call(name, argument(env))
}

/** True where only sizes, indices and whole numbers occur: a program works that out in double. */
function isScalar(node: MathNode, { slots, sizes, whole }: Context<unknown>): boolean {
  if (isFunctionNode(node) && calleeOf(node) === 'diff') return false
  const known = (name: string): boolean => slots.has(name) || Object.hasOwn(sizes, name) || whole.has(name)
  return [...symbolsIn(node)].every(known)
}

/** Compiles an expression to a function of the indices. */
export function compile<T>(node: MathNode, context: Context<T>): Compiled<T> {
  const { algebra } = context
  if (
    (algebra as unknown) !== real &&
    isOperatorNode(node) &&
    !isCondition(node) &&
    isScalar(node, context)
  ) {
    const value = compileIndex(node, context)
    return (env) => algebra.constant(value(env))
  }
  if (isParenthesisNode(node)) return compile(node.content, context)
  if (isCondition(node)) {
    const holds = compileCondition(node, context)
    return (env) => algebra.exact(holds(env) ? 1 : 0)
  }
  if (isConstantNode(node)) {
    const number: unknown = node.value
    if (typeof number !== 'number') return fail(node, 'is no number')
    const constant = algebra.constant(number)
    return () => constant
  }
  if (isSymbolNode(node)) return compileSymbol(node, context)
  if (isAccessorNode(node)) return compileAccess(node, context)
  if (isOperatorNode(node)) return compileOperator(node as OperatorNode, context)
  if (isFunctionNode(node)) return compileFunction(node, context)
  if (isConditionalNode(node)) {
    const { condition, trueExpr, falseExpr } = node
    const holds = compileCondition(condition, context)
    const [yes, no] = [compile(trueExpr, context), compile(falseExpr, context)]
    return (env) => (holds(env) ? yes(env) : no(env))
  }
  return fail(node, `${node.type} is not part of the notation`)
}
