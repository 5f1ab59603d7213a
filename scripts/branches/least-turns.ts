import type { Class, Expression, ForOfStatement, ForStatement, Function, Node } from 'oxc-parser'
import { lineOf, type Tree, walk } from './syntax.ts'

/**
 * How many turns a loop has at least, so that fewer are not asked of any network: a kernel runs for at least one sample,
 * channel, row and column.
 *
 * An argument and a size are at least 1, or what the comment says: behind the declaration of a size or a constant, or
 * above the function, `a multiple of 8` and `at least 2`. What a difference, a mask or a quotient leaves may be 0. The
 * run checks all this: a loop with fewer turns than said here is a fault.
 */
export class LeastTurns {
  readonly #source: string
  readonly #tree: Tree
  readonly #sizes: Sizes
  /** What is declared in the functions around, outermost first. */
  readonly #scopes: Scope[] = []

  constructor(source: string, tree: Tree, sizes: Sizes) {
    this.#source = source
    this.#tree = tree
    this.#sizes = sizes
  }

  enter(node: Node & { params: Function['params'] }): void {
    const above = this.#tree.comments.findLast(
      ({ start, value }) => start < node.start && !value.startsWith(' @'),
    )
    const between = above === undefined ? '' : this.#source.slice(above.start, node.start)
    // With nothing but decorators and `export` between the two.
    const said = /\*\/(\s|\/\/ @.*|@\w+|export)*$/.test(between) ? between : ''
    this.#scopes.push({ said, variables: variablesOf(node, this.#source), classes: classesOf(node.params) })
  }

  leave(): void {
    this.#scopes.pop()
  }

  of(loop: ForStatement | ForOfStatement): number {
    return Math.max(this.#saidOf(loop), this.#countsOf(loop))
  }

  /** What the comment in the line above a loop says. */
  #saidOf({ start }: Node): number {
    const above = this.#source.slice(0, start).split('\n').at(-2)
    return Number(/^ *\/\/ at least (\d+)$/.exec(above ?? '')?.[1] ?? 0)
  }

  #countsOf(loop: ForStatement | ForOfStatement): number {
    return loop.type === 'ForOfStatement' ? this.#elements(loop.right) : this.#counts(loop)
  }

  /** The elements of an array that is written out. */
  #elements(node: Expression): number {
    if (node.type === 'TSAsExpression') return this.#elements(node.expression)
    if (node.type === 'ArrayExpression')
      return node.elements.filter((one) => one?.type !== 'SpreadElement').length
    if (node.type !== 'Identifier') return 0
    const known = this.#scopes.at(-1)?.variables.get(node.name)
    return known === undefined ? 0 : this.#elements(known.value)
  }

  #counts({ init, test, update }: ForStatement): number {
    if (test?.type !== 'BinaryExpression' || test.operator !== '<') return 0
    const counter = this.#text(test.left)
    const declared = new Map(
      init?.type === 'VariableDeclaration'
        ? init.declarations.map((one) => [this.#text(one.id), one.init] as const)
        : [],
    )
    const start = declared.get(counter)
    const end = declared.get(this.#text(test.right)) ?? test.right
    const step = this.#step(update, counter)
    if (step === null) return 0
    if (start?.type === 'Literal') {
      return Math.ceil((this.#least(end) - Number(start.value)) / Math.max(1, this.#least(step)))
    }
    const bound = this.#began(end)
    const from = start === undefined || start === null ? counter : this.#text(start)
    if (bound.type !== 'BinaryExpression' || bound.operator !== '+' || this.#text(bound.left) !== from)
      return 0
    return this.#steps(bound.right, step)
  }

  /** What a pointer was made of where it was declared: no loop here ends at one that has moved. */
  #began(bound: Expression): Expression {
    const known = bound.type === 'Identifier' ? this.#scopes.at(-1)?.variables.get(bound.name) : undefined
    return known !== undefined && !known.constant ? known.value : bound
  }

  /** How many steps a stretch is long. */
  #steps(stretch: Expression, step: Expression): number {
    if (step.type === 'Literal') return Math.ceil(this.#least(stretch) / Number(step.value))
    if (stretch.type !== 'BinaryExpression' || stretch.operator !== '*') return 0
    return this.#text(stretch.right) === this.#text(step) ? this.#least(stretch.left) : 0
  }

  #step(update: Expression | null, counter: string): Expression | null {
    const parts = update?.type === 'SequenceExpression' ? update.expressions : [update]
    for (const part of parts) {
      if (part?.type === 'UpdateExpression' && this.#text(part.argument) === counter) return ONE
      if (part?.type !== 'AssignmentExpression' || this.#text(part.left) !== counter) continue
      return part.operator === '+=' ? part.right : null
    }
    return null
  }

  #least(node: Expression): number {
    if (node.type === 'Literal') return Number(node.value)
    if (node.type === 'BinaryExpression')
      return this.#ofBoth(node.operator, node.left as Expression, node.right)
    if (node.type === 'Identifier') return this.#ofName(node.name)
    if (node.type !== 'MemberExpression' || node.property.type !== 'Identifier') return 0
    if (node.property.name === 'length') return 0
    const type = this.#scopes.at(-1)?.classes.get(this.#text(node.object))
    return this.#sizes.get(`${type}.${node.property.name}`) ?? 1
  }

  #ofBoth(operator: string, left: Expression, right: Expression): number {
    const [a, b] = [this.#least(left), this.#least(right)]
    if (operator === '*') return a * b
    if (operator === '+') return a + b
    return operator === '<<' ? a * 2 ** b : 0
  }

  #ofName(name: string): number {
    for (const { said, variables } of this.#scopes.toReversed()) {
      const known = variables.get(name)
      if (known !== undefined) return known.constant ? (known.said ?? this.#least(known.value)) : 0
      const [, number] = new RegExp(`\\b${name}\\]?,? (?:${NUMBER}) (\\d+)`).exec(said) ?? []
      if (number !== undefined) return Number(number)
    }
    return 1
  }

  #text(node: Node): string {
    return this.#source.slice(node.start, node.end)
  }
}

const NUMBER = 'a multiple of|at least'
const ONE = { type: 'Literal', value: 1, start: 0, end: 0 } as unknown as Expression

/** What the fields of kernels' sizes are at least, by `Class.field`. */
export type Sizes = ReadonlyMap<string, number>

interface Variable {
  /** What it begins with. */
  readonly value: Expression
  readonly constant: boolean
  readonly said: number | null
}

interface Scope {
  /** The comment above the function. */
  readonly said: string
  readonly variables: ReadonlyMap<string, Variable>
  /** The class of a parameter. */
  readonly classes: ReadonlyMap<string, string>
}

/** The number that the comment at the end of a line states. */
function saidBehind(source: string, at: number): number | null {
  const [, number] =
    new RegExp(`//.*(?:${NUMBER}) (\\d+)`).exec(source.split('\n')[lineOf(source, at) - 1]) ?? []
  return number === undefined ? null : Number(number)
}

function variablesOf(root: Node, source: string): Map<string, Variable> {
  const variables = new Map<string, Variable>()
  walk(root, (node) => {
    if (node.type !== 'VariableDeclaration') return
    const constant = node.kind === 'const'
    for (const { id, init, start } of node.declarations) {
      if (id.type === 'Identifier' && init)
        variables.set(id.name, { value: init, constant, said: saidBehind(source, start) })
    }
  })
  return variables
}

function classesOf(parameters: Function['params']): Map<string, string> {
  const classes = new Map<string, string>()
  for (const parameter of parameters) {
    const type = 'typeAnnotation' in parameter ? parameter.typeAnnotation?.typeAnnotation : undefined
    if (parameter.type !== 'Identifier' || type?.type !== 'TSTypeReference') continue
    if (type.typeName.type === 'Identifier') classes.set(parameter.name, type.typeName.name)
  }
  return classes
}

/** What the sizes that a kernel source declares are at least. */
export function sizesOf(source: string, { program }: Tree): [name: string, least: number][] {
  const found: [string, number][] = []
  const ofClass = ({ id, body }: Class): void => {
    for (const field of body.body) {
      if (field.type !== 'PropertyDefinition' || field.key.type !== 'Identifier') continue
      const said = saidBehind(source, field.start)
      if (said !== null) found.push([`${id?.name}.${field.key.name}`, said])
    }
  }
  walk(program, (node) => {
    if (node.type === 'ClassDeclaration') ofClass(node)
  })
  return found
}
