import type { DType, Tensor } from '@handgrad/tensor'
import { type AccessorNode, evaluate, isAccessorNode, type MathNode } from 'mathjs/number'
import { type Algebra, type Bounded, bounded, type Dual, dual, real } from './algebra.ts'
import { type Context, compile, compileIndex, type Env } from './compile.ts'
import type { Binding, Derivation, Step } from './derivation.ts'
import { type Equation, nameOf, parseEquation, symbolsIn } from './parse.ts'

/** A step with its equation parsed. */
export interface ParsedStep extends Step {
  readonly parsed: Equation
}

/** A derivation with the values of one case: what its equations are evaluated in. */
export interface Model {
  readonly steps: readonly ParsedStep[]
  readonly binding: Binding
  readonly extents: Readonly<Record<string, number>>
  readonly slots: ReadonlyMap<string, number>
}

const parsedSteps = new WeakMap<readonly Step[], readonly ParsedStep[]>()

/** Parses every line, once. */
export function parseSteps(steps: readonly Step[]): readonly ParsedStep[] {
  const known = parsedSteps.get(steps)
  if (known !== undefined) return known
  const parsed = steps.map((step) => ({ ...step, parsed: parseEquation(step.equation) }))
  parsedSteps.set(steps, parsed)
  return parsed
}

/** True where the step's condition on the sizes holds. */
export function applies({ when }: Step, { sizes }: Binding): boolean {
  return when === undefined || Boolean(evaluate(when, { ...sizes }))
}

/** The steps that hold for a case, and how far its indices run. */
export function modelOf({ steps, indices }: Derivation<never>, binding: Binding): Model {
  const extents = Object.entries(indices).map(([name, text]) => [
    name,
    Number(evaluate(text, { ...binding.sizes })),
  ])
  return {
    steps: parseSteps(steps).filter((step) => applies(step, binding)),
    binding,
    extents: Object.fromEntries(extents) as Record<string, number>,
    slots: new Map(Object.keys(indices).map((name, i) => [name, i])),
  }
}

/** Where an element is, row-major; −1 outside the borders. */
function offset(symbol: string, { shape }: Tensor<DType>, index: readonly number[]): number {
  if (index.length !== shape.length) {
    throw new Error(`${symbol} has ${shape.length} axes, and is read with ${index.length} indices`)
  }
  let flat = 0
  for (let axis = 0; axis < shape.length; axis++) {
    const i = index[axis]
    if (!Number.isInteger(i)) throw new Error(`${symbol} is read at [${index.join(',')}]: no whole number`)
    if (i < 0 || i >= shape[axis]) return -1
    flat = flat * shape[axis] + i
  }
  return flat
}

function tensorOf({ binding }: Model, symbol: string): Tensor {
  if (!Object.hasOwn(binding.tensors, symbol))
    throw new Error(`'${symbol}' is no size, index or tensor of this case`)
  return binding.tensors[symbol]
}

/** Reads the value that the case gives. */
export function readReal(model: Model, symbol: string, index: readonly number[]): number {
  const tensor = tensorOf(model, symbol)
  const flat = offset(symbol, tensor, index)
  return flat < 0 ? 0 : tensor.data[flat]
}

/** The first or the last line that defines `symbol` element by element. */
export function definitionOf(model: Model, symbol: string, which: 'first' | 'last'): ParsedStep | undefined {
  const defines = ({ parsed: { left }, form }: ParsedStep): boolean =>
    left.kind === 'tensor' && left.symbol === symbol && form === undefined
  return which === 'first' ? model.steps.find(defines) : model.steps.findLast(defines)
}

/** A line as a function of the indices on its left, in some algebra. */
function asFunction<T>(step: ParsedStep, context: Context<T>): (index: readonly number[]) => T {
  const { left, right } = step.parsed
  if (left.kind !== 'tensor') throw new Error(`'${step.equation}' defines no tensor`)
  const slots = left.indices.map((node) => context.slots.get(nameOf(node))!)
  const body = compile(right, context)
  return (index) => {
    const env: Env = []
    slots.forEach((slot, axis) => {
      env[slot] = index[axis]
    })
    return body(env)
  }
}

/** The plain evaluation of a model: every tensor is read as the case gives it. */
export function realContext(model: Model): Context<number> {
  const read = (symbol: string, index: readonly number[]): number => readReal(model, symbol, index)
  return {
    algebra: real,
    slots: model.slots,
    extents: model.extents,
    sizes: model.binding.sizes,
    whole: new Set(model.binding.whole),
    read,
    readReal: read,
    differentiate: (of, by) => differentiate(model, of, by),
  }
}

/** An evaluation in which symbols stand for the lines that define them. */
function unfolding<T>(
  model: Model,
  algebra: Algebra<T>,
  which: 'first' | 'last',
  override: (symbol: string, flat: number, value: number) => T | undefined,
  remember = false,
): Context<T> {
  const functions = new Map<string, (index: readonly number[], flat: number) => T>()
  const functionOf = (symbol: string, tensor: Tensor): ((index: readonly number[], flat: number) => T) => {
    const step = definitionOf(model, symbol, which)
    if (step === undefined) return (_index, flat) => algebra.exact(tensor.data[flat])
    const element = asFunction(step, context)
    if (!remember) return element
    const known = new Array<T | undefined>(tensor.data.length)
    return (index, flat) => (known[flat] ??= element(index))
  }
  const context: Context<T> = {
    ...realContext(model),
    algebra,
    read(symbol, index) {
      const tensor = tensorOf(model, symbol)
      const flat = offset(symbol, tensor, index)
      if (flat < 0) return algebra.exact(0)
      const given = override(symbol, flat, tensor.data[flat])
      if (given !== undefined) return given
      let element = functions.get(symbol)
      if (element === undefined) functions.set(symbol, (element = functionOf(symbol, tensor)))
      return element(index, flat)
    },
  }
  return context
}

/** The symbols whose definitions lead to `symbol`. */
export function dependents(model: Model, symbol: string): Set<string> {
  const found = new Set([symbol])
  for (let size = 0; size !== found.size; ) {
    size = found.size
    for (const { parsed } of model.steps) {
      const { left, right } = parsed
      if (left.kind === 'tensor' && [...symbolsIn(right)].some((name) => found.has(name)))
        found.add(left.symbol)
    }
  }
  return found
}

/** ∂of/∂by by forward-mode differentiation of the lines that define `of`. */
function differentiate(model: Model, of: MathNode, by: MathNode): (env: Env) => number {
  if (isAccessorNode(by)) {
    const { object, index } = by as unknown as Pick<AccessorNode, 'index'> & { object: MathNode }
    return byElement(model, of, nameOf(object), index.dimensions)
  }
  const name = nameOf(by)
  const isTensor = Object.hasOwn(model.binding.tensors, name)
  return isTensor ? byElement(model, of, name, []) : bySize(model, of, name)
}

/** The derivative with respect to an element of a tensor, or the one number of a tensor without axes. */
function byElement(
  model: Model,
  of: MathNode,
  symbol: string,
  index: readonly MathNode[],
): (env: Env) => number {
  const where = index.map((node) => compileIndex(node, realContext(model)))
  const leads = dependents(model, symbol)
  let seed = -1
  const context = unfolding<Dual>(model, dual, 'first', (name, flat, v) => {
    if (name === symbol) return { v, d: flat === seed ? 1 : 0 }
    return leads.has(name) ? undefined : { v, d: 0 }
  })
  const value = compile(of, context)
  const tensor = tensorOf(model, symbol)
  return (env) => {
    seed = offset(
      symbol,
      tensor,
      where.map((at) => at(env)),
    )
    return value([...env]).d
  }
}

/** The derivative with respect to a plain number, which then is no constant. */
function bySize(model: Model, of: MathNode, name: string): (env: Env) => number {
  const { [name]: at, ...sizes } = model.binding.sizes
  if (at === undefined) throw new Error(`'${name}' is no size of this case`)
  const base = unfolding<Dual>(model, dual, 'first', () => undefined)
  const value = compile(of, {
    ...base,
    sizes,
    read: (symbol, index) => (symbol === name ? { v: at, d: 1 } : base.read(symbol, index)),
  })
  return (env) => value([...env]).d
}

/** The evaluation with rounding errors: each symbol is computed by the last line that defines it, once an element. */
export function boundedElements(
  model: Model,
  step: ParsedStep,
  givenError: (value: number) => number = () => 0,
): (index: readonly number[]) => Bounded {
  const defined = new Set(
    model.steps.flatMap(({ parsed: { left }, form }) =>
      left.kind === 'tensor' && form === undefined ? [left.symbol] : [],
    ),
  )
  const given = (symbol: string, _flat: number, value: number): Bounded | undefined => {
    const error = defined.has(symbol) ? 0 : givenError(value)
    return error === 0 ? undefined : { v: value, size: Math.abs(value), error }
  }
  return asFunction(step, unfolding<Bounded>(model, bounded, 'last', given, true))
}
