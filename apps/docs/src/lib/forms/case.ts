import type { Derivation } from '@handgrad/gradcheck'
import {
  ConstantNode,
  isConstantNode,
  isOperatorNode,
  isSymbolNode,
  type MathNode,
  parse,
} from 'mathjs/number'
import { folded, isNumber, tidy } from './arithmetic.ts'

/** What is fixed in a special case: a size, or all of a tensor, is a number, or the same as another. */
export type Fixed = Readonly<Record<string, number | string>>

/** A derivation, and what is fixed in it. */
export interface Special {
  readonly derivation: Derivation<never>
  readonly fixed: Fixed
  /** Indices that take the value 0 alone. */
  readonly units: ReadonlySet<string>
  /** Conditions that hold, as the derivation writes them. */
  readonly facts: ReadonlySet<string>
}

/** An expression of sizes, with the fixed ones put in. */
export function sizeOf(text: string, fixed: Fixed): MathNode {
  const node = parse(text.replaceAll('·', '*')).transform((part: MathNode) => {
    const value = isSymbolNode(part) ? fixed[(part as { name: string }).name] : undefined
    if (value === undefined) return part
    return typeof value === 'number' ? new ConstantNode(value) : parse(value)
  })
  const folds = (part: MathNode): MathNode =>
    isOperatorNode(part) ? (folded(part.fn, part.args) ?? part) : part
  return folds(tidy(node))
}

/** A derivation in a special case. */
export function specialCase(
  derivation: Derivation<never>,
  fixed: Fixed,
  facts: readonly string[] = [],
): Special {
  const units = Object.entries(derivation.indices).filter(([, extent]) => isNumber(sizeOf(extent, fixed), 1))
  return {
    derivation,
    fixed,
    units: new Set(units.map(([name]) => name)),
    facts: new Set(facts.map((fact) => parse(fact).toString())),
  }
}

/** The text of a symbol's axes, `[N,C,H,W]` at the end of its description; its gradient has the same. */
export function axesOf(symbol: string, { symbols }: Derivation<never>): string[] | null {
  const text = /\[([^\]]*)\]$/.exec(symbols[symbol] ?? '')?.[1]
  if (text !== undefined) return text === '' ? [] : text.split(',')
  const of = symbol.slice(1)
  return symbol.startsWith('d') && Object.hasOwn(symbols, of)
    ? axesOf(of, { symbols } as Derivation<never>)
    : null
}

/** Which axes of a symbol have one place only; null for one whose axes are not written down. */
export function unitAxes(symbol: string, { derivation, fixed }: Special): boolean[] | null {
  const axes = axesOf(symbol, derivation)
  if (axes === null) return null
  return axes.map((axis) => {
    const extent = sizeOf(axis, fixed)
    return isConstantNode(extent) && isNumber(extent, 1)
  })
}
