import type { Derivation, Step } from '@handgrad/gradcheck'
import { isAccessorNode, isSymbolNode, type MathNode, parse } from 'mathjs/number'
import { numberOf } from './arithmetic.ts'
import type { Fixed } from './case.ts'
import { sidesOf } from './specialise.ts'

/** The name of a tensor and its indices, for `d[j, t]` or `L`; null for any other expression. */
function tensorOf(node: MathNode): { name: string; at: string } | null {
  if (isSymbolNode(node)) return { name: (node as unknown as { name: string }).name, at: '' }
  if (!isAccessorNode(node) || !isSymbolNode(node.object)) return null
  return { name: (node.object as unknown as { name: string }).name, at: node.index.toString() }
}

/** What a line says a tensor, none of `ends`, to be: another one at the same place, or a number. Null for one that says more. */
export function otherName({ equation }: Step, ends: readonly string[]): Fixed | null {
  const [left, right] = sidesOf(equation).map((side) => parse(side)) as [MathNode, MathNode]
  const [defined, other] = [tensorOf(left), tensorOf(right)]
  if (defined === null || ends.includes(defined.name)) return null
  const number = numberOf(right)
  if (number !== undefined) return { [defined.name]: number }
  return other?.at === defined.at ? { [defined.name]: other.name } : null
}

/** The lines that lead to one of `ends`, and those that define nothing. */
export function leadingTo(
  ends: readonly string[],
  steps: readonly Step[],
  { symbols }: Pick<Derivation<never>, 'symbols'>,
): Step[] {
  const lines = steps.map((step) => {
    const [left, right] = sidesOf(step.equation) as [string, string]
    const defined = tensorOf(parse(left))?.name
    const read = (right.match(/[A-Za-z]\w*/g) ?? []).filter((name) => Object.hasOwn(symbols, name))
    return { step, defined, read }
  })
  const wanted = new Set(ends)
  for (let before = 0; before < wanted.size; ) {
    before = wanted.size
    for (const { defined, read } of lines)
      if (defined !== undefined && wanted.has(defined)) for (const name of read) wanted.add(name)
  }
  return lines.flatMap(({ step, defined }) => (defined === undefined || wanted.has(defined) ? [step] : []))
}
