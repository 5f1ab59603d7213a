import {
  type AccessorNode,
  type ConditionalNode,
  type ConstantNode,
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
  parse,
  type RelationalNode,
} from 'mathjs/number'

/** How symbols are written, and which of them are tensors. */
export interface Notation {
  readonly symbols: Readonly<Record<string, string>>
  readonly tex?: Readonly<Record<string, string>>
  readonly indices: Readonly<Record<string, string>>
  /** The names that a term is marked with; its own unless told. */
  readonly namesOf?: (term: string) => string
  /** The colour of a term. */
  readonly hueOf?: (term: string) => string
}

const relations: Readonly<Record<string, string>> = {
  equal: '=',
  unequal: '\\ne',
  smaller: '<',
  smallerEq: '\\le',
  larger: '>',
  largerEq: '\\ge',
}
const connectives: Readonly<Record<string, string>> = { and: '\\land', or: '\\lor', add: '+', subtract: '-' }
const functions: Readonly<Record<string, string>> = { exp: '\\exp', log: '\\log' }
/** How tightly operators bind. */
const strength: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  equal: 3,
  unequal: 3,
  smaller: 3,
  smallerEq: 3,
  larger: 3,
  largerEq: 3,
  add: 5,
  subtract: 5,
  unaryMinus: 6,
  multiply: 7,
  divide: 8,
  pow: 9,
  ctranspose: 9,
}

const bare = (node: MathNode): MathNode => (isParenthesisNode(node) ? bare(node.content) : node)

const isCondition = (node: MathNode): boolean =>
  isRelationalNode(node) ||
  (isOperatorNode(node) && (node.fn in relations || ['and', 'or', 'not'].includes(node.fn)))

/** The tensors that an equation names, in order of appearance. */
export function termsOf(equation: string, { symbols }: Notation): string[] {
  const names = equation.match(/[A-Za-z]\w*/g) ?? []
  return [...new Set(names)].filter((symbol) => Object.hasOwn(symbols, symbol))
}

/** An equation of a derivation as TeX; each tensor in it is marked with its name, as `data-term`. */
export function texOf(equation: string, notation: Notation): string {
  const halves = equation.split(/(?<![=<>!])=(?!=)/)
  return halves.map((half) => factor(parse(half.trim()), notation, 0)).join(' \\;=\\; ')
}

/** `Kh` is K with an upright h below it, which is a part of the name and no index; longer names are words. */
function letters(text: string): string {
  if (text.length === 1) return text
  return /^([A-Z][a-z]|[ps][hw])$/.test(text) ? `${text[0]}_{\\mathrm{${text[1]}}}` : `\\mathit{${text}}`
}

/** A symbol as TeX; the gradient of one that is written in its own way is a d before that. */
export function symbolOf(text: string, notation: Notation): string {
  const { tex = {}, symbols } = notation
  if (Object.hasOwn(tex, text)) return tex[text]
  const of = text.slice(1)
  const isGradient = text.startsWith('d') && Object.hasOwn(symbols, of)
  return isGradient ? `\\mathrm{d}${symbolOf(of, notation)}` : letters(text)
}

function name(text: string, notation: Notation): string {
  const { symbols, namesOf = (own) => own, hueOf = () => 'other' } = notation
  const written = symbolOf(text, notation)
  return Object.hasOwn(symbols, text)
    ? `\\htmlData{term=${namesOf(text)},hue=${hueOf(text)}}{${written}}`
    : written
}

/** How tightly an expression holds together; a remainder more loosely than a sum: only alone does it stand without brackets. */
function tightness(node: MathNode): number {
  if (isOperatorNode(node)) return strength[node.fn] ?? 10
  if (isRelationalNode(node)) return strength.equal
  return isFunctionNode(node) && callee(node) === 'mod' ? strength.add - 0.5 : 10
}

function expression(node: MathNode, notation: Notation, outer = 0): string {
  const inside = bare(node)
  const own = tightness(inside)
  const text = plain(inside, notation)
  const sumInside = isFunctionNode(inside) && ['sum'].includes(callee(inside)) && outer > 5
  return own < outer || sumInside ? `\\left(${text}\\right)` : text
}

function plain(node: MathNode, notation: Notation): string {
  if (isConstantNode(node)) return constant(node)
  if (isSymbolNode(node))
    return (node as { name: string }).name === 'Infinity'
      ? '\\infty'
      : name((node as { name: string }).name, notation)
  if (isAccessorNode(node)) return access(node, notation)
  if (isFunctionNode(node)) return call(node, notation)
  if (isRelationalNode(node)) return chain(node, notation)
  if (isConditionalNode(node)) return cases(node, notation)
  if (isOperatorNode(node)) return operator(node as OperatorNode, notation)
  throw new Error(`an equation holds ${node.toString()}, which is not rendered`)
}

function constant({ value }: ConstantNode): string {
  if (!Number.isFinite(value)) return value > 0 ? '\\infty' : '-\\infty'
  const [digits, power] = String(value).split('e')
  if (power === undefined) return digits
  return `${digits === '1' ? '' : `${digits}\\cdot `}10^{${Number(power)}}`
}

const callee = (node: MathNode): string => ((node as FunctionNode).fn as unknown as { name: string }).name

/** A tensor with so many characters between its brackets stays on one line. */
const SHORT = 16

function access({ object, index }: AccessorNode & { object: MathNode }, notation: Notation): string {
  const places = index.dimensions.map((dimension) => `{${expression(dimension, notation)}}`)
  const start = expression(object, notation, 10)
  if (index.dimensions.join(', ').length <= SHORT) return `{${start}[${places.join(',')}]}`
  // A line may break after a comma, not inside an index.
  return `${start}[${places.join(',\\allowbreak ')}]`
}

function chain({ conditionals, params }: RelationalNode, notation: Notation): string {
  const parts = params.map((param) => expression(param, notation, 4))
  return parts.map((part, i) => (i === 0 ? part : `${relations[(conditionals)[i - 1]]} ${part}`)).join(' ')
}

/** The conditions that hold together in `a and b and …`, one by one. */
function conjuncts(node: MathNode, notation: Notation): string[] {
  const inside = bare(node)
  return isOperatorNode(inside) && inside.fn === 'and'
    ? inside.args.flatMap((arg) => conjuncts(arg, notation))
    : [expression(inside, notation, strength.and)]
}

/** So many characters of an equation fit a line. */
const WIDE = 60

/** `a ? b : (c ? d : e)` as one list of cases. */
function cases(node: ConditionalNode, notation: Notation): string {
  const rows: string[] = []
  let rest: MathNode = node
  while (isConditionalNode(rest)) {
    const { condition, trueExpr, falseExpr } = rest
    const [value, test] = [expression(trueExpr, notation), expression(condition, notation)]
    // What does not fit beside its value goes below it.
    const wide = trueExpr.toString().length + condition.toString().length > WIDE
    rows.push(
      wide
        ? [value, `\\quad\\text{if }${conjuncts(condition, notation).join('\\\\\\quad\\land ')}`].join('\\\\')
        : `${value}&\\text{if }${test}`,
    )
    rest = bare(falseExpr)
  }
  const stacked = rows.some((row) => row.includes('\\quad'))
  const last = `${expression(rest, notation)}${stacked ? '\\quad' : '&'}\\text{else}`
  const list = `\\begin{cases}${[...rows, last].join('\\\\')}\\end{cases}`
  return stacked ? `{\\small ${list}}` : list
}

/** A condition as a factor: 1 where it holds, else 0. */
function indicator(node: MathNode, notation: Notation): string {
  return `\\mathbf 1{\\{${expression(node, notation)}\\}}`
}

function factor(node: MathNode, notation: Notation, outer: number): string {
  const inside = bare(node)
  return isCondition(inside) ? indicator(inside, notation) : expression(inside, notation, outer)
}

/** A product: by juxtaposition, but with a dot before digits. */
function times(a: string, b: string): string {
  return `${a}${/^\d/.test(b) ? ' \\cdot ' : '\\,\\allowbreak '}${b}`
}

function operator(node: OperatorNode, notation: Notation): string {
  const fn = node.fn as string
  const [a, b] = node.args as [MathNode, MathNode]
  const own = strength[fn] ?? 10
  if (fn === 'multiply') return times(factor(a, notation, own), factor(b, notation, own + 1))
  if (fn === 'divide') return `\\frac{${factor(a, notation, 0)}}{${factor(b, notation, 0)}}`
  if (fn === 'pow') return `${expression(a, notation, own + 1)}^{${expression(b, notation)}}`
  if (fn === 'ctranspose' || fn === 'transpose') return `${expression(a, notation, own + 1)}^{\\mathsf T}`
  if (fn === 'unaryMinus') return `-${factor(a, notation, own)}`
  if (fn === 'not') return `\\lnot ${expression(a, notation, own)}`
  if (fn in relations)
    return `${expression(a, notation, own + 1)} ${relations[fn]} ${expression(b, notation, own + 1)}`
  if (fn === 'and' || fn === 'or')
    return `${expression(a, notation, own)} ${connectives[fn]} ${expression(b, notation, own)}`
  if (fn in connectives)
    return `${factor(a, notation, own)} ${connectives[fn]} ${factor(b, notation, own + (fn === 'subtract' ? 1 : 0))}`
  throw new Error(`the operator of ${node.toString()} is not rendered`)
}

/** The body of a sum or a maximum: a sum of terms needs brackets. */
function body(node: MathNode, notation: Notation): string {
  return factor(node, notation, isOperatorNode(bare(node)) ? 6 : 0)
}

function call(node: FunctionNode, notation: Notation): string {
  const fn = callee(node)
  const [first, ...rest] = node.args as [MathNode, ...MathNode[]]
  const over = rest.map((arg) => expression(arg, notation)).join(',')
  // The sum of a whole tensor over some of its axes.
  if (fn === 'sum' && rest.every(isConstantNode))
    return `${expression(first, notation, 10)}.\\operatorname{sum}(${over})`
  if (fn === 'sum') return `\\sum_{${over}} ${body(first, notation)}`
  if (fn === 'max') return `\\max_{${over}} ${body(first, notation)}`
  if (fn === 'argmax') return `\\operatorname*{argmax}_{${over}} ${body(first, notation)}`
  if (fn === 'diff')
    return `\\frac{\\partial\\, ${expression(first, notation)}}{\\partial\\, ${expression(rest[0], notation)}}`
  if (fn === 'sqrt') return `\\sqrt{${expression(first, notation)}}`
  if (fn === 'floor') return `\\left\\lfloor ${expression(first, notation)}\\right\\rfloor`
  if (fn === 'mod') return `${expression(first, notation, 7)} \\bmod ${over}`
  const args = node.args.map((arg) => expression(arg, notation)).join(', ')
  return `${functions[fn] ?? `\\operatorname{${fn}}`}\\left(${args}\\right)`
}
