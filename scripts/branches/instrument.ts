import { MagicString } from 'magic-string'
import { type Expression, type Node, type Statement, Visitor } from 'oxc-parser'
import { LeastTurns, type Sizes } from './least-turns.ts'
import type { Outcome, Point } from './point.ts'
import { lineOf, type Tree, walk } from './syntax.ts'

/** How the language of a source counts. */
export interface Language {
  /** `hit`, `branch`, `known` and `turns` as counters.ts has them, as text behind the source. */
  readonly prelude: string
  /** Whether a loop may be left by a `return`, which then still has to be counted. */
  readonly finally: boolean
}

/** A source to count in. */
export interface Source {
  readonly file: string
  readonly text: string
  readonly tree: Tree
  /** The functions that are counted. */
  readonly counts: (node: Node) => boolean
  readonly sizes: Sizes
}

/** A source with counters, and what they count; the first counter is `first`. */
export function instrument(
  source: Source,
  language: Language,
  first: number,
): { code: string; points: Point[] } {
  const writer = new Writer(source, language, first)
  new Visitor(writer.visitor()).visit(source.tree.program)
  return writer.result()
}

type FunctionNode = Parameters<LeastTurns['enter']>[0] & { body: Node | null }
type Loop = Extract<Statement, { body: Statement; type: `${string}Statement` }> & { test?: Expression | null }

class Writer {
  readonly #source: Source
  readonly #language: Language
  readonly #text: MagicString
  readonly #points: Point[] = []
  readonly #least: LeastTurns
  /** Parts of conditions under which the code throws. */
  readonly #refused = new Set<Node>()
  #next: number
  /** Functions around the place at hand, from the outermost that is counted on. */
  #depth = 0
  /** Loops around it in the innermost function. */
  #loops: number[] = []

  constructor(source: Source, language: Language, first: number) {
    this.#source = source
    this.#language = language
    this.#text = new MagicString(source.text)
    this.#least = new LeastTurns(source.text, source.tree, source.sizes)
    this.#next = first
  }

  result(): { code: string; points: Point[] } {
    this.#text.append(`\n${this.#language.prelude}\n`)
    return { code: this.#text.toString(), points: this.#points }
  }

  visitor(): ConstructorParameters<typeof Visitor>[0] {
    const enter = (node: FunctionNode): void => this.#enter(node)
    const leave = (): void => this.#leave()
    const loop = (node: Loop): void => void (this.#counted() && this.#loop(node))
    const leaveLoop = (): void => void (this.#counted() && this.#loops[0]--)
    return {
      FunctionDeclaration: enter,
      'FunctionDeclaration:exit': leave,
      FunctionExpression: enter,
      'FunctionExpression:exit': leave,
      ArrowFunctionExpression: enter,
      'ArrowFunctionExpression:exit': leave,
      ForStatement: loop,
      'ForStatement:exit': leaveLoop,
      ForOfStatement: loop,
      'ForOfStatement:exit': leaveLoop,
      ForInStatement: loop,
      'ForInStatement:exit': leaveLoop,
      WhileStatement: loop,
      'WhileStatement:exit': leaveLoop,
      DoWhileStatement: loop,
      'DoWhileStatement:exit': leaveLoop,
      IfStatement: (node) => this.#asked(node) && this.#if(node),
      ConditionalExpression: (node) => this.#asked(node) && this.#choice(node),
      LogicalExpression: (node) => this.#asked(node) && this.#logical(node),
      MemberExpression: (node) => this.#asked(node) && node.optional && this.#known(node.object, node),
      CallExpression: (node) => this.#asked(node) && node.optional && this.#method(node),
      ReturnStatement: (node) =>
        this.#counted() && this.#loops[0] > 0 && !this.#language.finally && this.#refuse(node),
      SwitchStatement: (node) => this.#counted() && this.#refuse(node),
      LabeledStatement: (node) => this.#counted() && this.#refuse(node),
    }
  }

  #counted(): boolean {
    return this.#depth > 0
  }

  #asked(node: Node): boolean {
    return this.#counted() && !this.#refused.has(node)
  }

  #enter(node: FunctionNode): void {
    this.#least.enter(node)
    this.#loops.unshift(0)
    if (this.#depth > 0 || this.#source.counts(node)) this.#depth++
    if (!this.#counted() || node.body === null) return
    const at = this.#point(node, this.#source.text.slice(node.start, node.body.start), ['called'])
    if (node.body.type === 'BlockStatement') this.#text.appendRight(node.body.start + 1, ` __hit(${at}); `)
    else this.#wrap(node.body, `(__hit(${at}), `, ')')
  }

  #leave(): void {
    this.#least.leave()
    this.#loops.shift()
    if (this.#depth > 0) this.#depth--
  }

  /** Counts both values of a condition: of each part of one that is made of `&&` and `||`, where they are met. */
  #condition(node: Expression): void {
    if (node.type === 'LogicalExpression' && node.operator !== '??') return
    if (node.type === 'UnaryExpression' && node.operator === '!') {
      this.#condition(node.argument)
      return
    }
    if (node.type === 'Literal' || node.type === 'ObjectExpression' || node.type === 'ArrayExpression') return
    this.#wrap(node, '__branch(', `, ${this.#point(node, this.#slice(node), ['true', 'false'])})`)
  }

  #if({ test, consequent }: Extract<Statement, { type: 'IfStatement' }>): void {
    if (refuses(consequent)) walk(test, (part) => void this.#refused.add(part))
    else this.#condition(test)
  }

  #choice({ test, consequent, alternate }: Extract<Expression, { type: 'ConditionalExpression' }>): void {
    // A constant of the compiler stays one: what the module cannot do is not even looked at.
    if (test.type !== 'Identifier' || !test.name.startsWith('ASC_')) {
      this.#condition(test)
      return
    }
    const at = this.#point(test, this.#slice(test), ['true', 'false'])
    this.#wrap(consequent, `(__hit(${at}), `, ')')
    this.#wrap(alternate, `(__hit(${at + 1}), `, ')')
  }

  #logical({ operator, left, right }: Extract<Expression, { type: 'LogicalExpression' }>): void {
    if (operator === '??') {
      this.#known(left, left)
      return
    }
    this.#condition(left)
    this.#condition(right)
  }

  #known(node: Expression, shown: Node): void {
    const at = this.#point(node, this.#slice(shown), ['a value', 'null or undefined'])
    this.#wrap(node, '__known(', `, ${at})`)
  }

  /** `a.b?.()`: the method is looked at before, since it would lose its `this` inside a call. */
  #method(node: Extract<Expression, { type: 'CallExpression' }>): void {
    const callee = this.#slice(node.callee)
    const at = this.#point(node, this.#slice(node), ['a value', 'null or undefined'])
    this.#wrap(node, `__second(__known(${callee}, ${at}), `, ')')
  }

  #loop(node: Loop): void {
    this.#loops[0]++
    const counted = node.type === 'ForStatement' || node.type === 'ForOfStatement'
    const least = counted ? this.#least.of(node) : 0
    const why = `a loop over something that is at least ${least} steps long`
    const head = this.#source.text.slice(node.start, node.body.start)
    const names = ['0 turns', '1 turn', '2 or more turns']
    const at = this.#point(node, head, names, (i) => (i < least && i < 2 ? why : null))
    const count = `__turns${at}`
    const [open, close] = this.#language.finally ? ['try { ', ' } finally { '] : ['', ' ']
    this.#wrap(
      node,
      `{ let ${count} = 0; ${open}`,
      `${close}__turns(${count}, ${at})${open === '' ? '' : ' }'} }`,
    )
    this.#wrap(node.body, `{ ${count}++; `, ' }')
  }

  /** Notes a point, and gives its first counter. */
  #point(
    at: Node,
    text: string,
    names: readonly string[],
    never: (i: number) => string | null = () => null,
  ): number {
    const { file, text: source, tree } = this.#source
    const line = lineOf(source, at.start)
    const said = neverSaid(source, tree, line)
    const outcomes = names.map((name, i): Outcome => ({ name, never: never(i) ?? said.get(name) ?? null }))
    const first = this.#next
    this.#next += names.length
    const shown = text.replaceAll(/\s+/g, ' ').trim()
    const needsGradient = !isNotFinite(source, tree, line)
    this.#points.push({ file, line, text: shown, first, outcomes, needsGradient })
    return first
  }

  #slice({ start, end }: Node): string {
    return this.#source.text.slice(start, end)
  }

  #wrap({ start, end }: Node, open: string, close: string): void {
    this.#text.appendRight(start, open)
    this.#text.prependLeft(end, close)
  }

  #refuse(node: Node): never {
    const { file, text } = this.#source
    throw new Error(
      `${file}:${lineOf(text, node.start)}: branches are not counted in a ${node.type} here; teach scripts/branches/instrument.ts to`,
    )
  }
}

/** Whether a statement does nothing but throw: what is refused has no result to compare. */
function refuses(node: Statement): boolean {
  if (node.type === 'BlockStatement') return node.body.length > 0 && node.body.every(refuses)
  return node.type === 'ThrowStatement'
}

/** `// not finite: why`, on the line or the one before it: where it goes so, gradients hardly ever are numbers. */
function isNotFinite(source: string, { comments }: Tree, line: number): boolean {
  return comments.some(
    ({ value, start }) => /^\s*not finite: ./.test(value) && [line, line - 1].includes(lineOf(source, start)),
  )
}

/** `// never false: why`, on the line or the one before it: the outcomes that nothing can take, each with its reason. */
function neverSaid(source: string, { comments }: Tree, line: number): Map<string, string> {
  const said = new Map<string, string>()
  for (const { value, start } of comments) {
    const [, name, why] = /^\s*never ([^:]+): (.+)$/.exec(value) ?? []
    if (name !== undefined && [line, line - 1].includes(lineOf(source, start))) said.set(name, why)
  }
  return said
}
