import { type Edit, type Node, type Place, textOf } from '../syntax.ts'
import { isText, outer } from './edits.ts'

/** A text without a blank is a key, a mode or a name; others are for people. */
const isKey = (text: string): boolean => text !== '' && !/\s/.test(text)

/** A message counts as one thing, however many pieces it is made of. */
function isInMessage({ around }: Place): boolean {
  const end = around.findIndex(({ node }) => /Function|Statement$/.test(node.type))
  return end >= 0 && around[end].node.type === 'ThrowStatement'
}

function other(place: Place): string[] {
  const { node, source, isKernel } = place
  if (node.type === 'TemplateLiteral')
    return !isKernel && isKey(textOf(source, node)) && !isInMessage(place) ? ["''"] : []
  if (node.type !== 'Literal') return []
  const { value } = node
  if (typeof value === 'boolean') return [String(!value)]
  if (typeof value === 'bigint') return [`${value + 1n}n`, `${value - 1n}n`]
  if (typeof value === 'string')
    return !isKernel && isKey(value) && !isInMessage(place) && !isName(place) ? ["''"] : []
  return typeof value === 'number' ? numbers(value, node.raw ?? '') : []
}

/** A name in quotes, a directive, and what `typeof` is compared with where types say it already. */
function isName(place: Place): boolean {
  const around = outer(place)
  if (around === undefined) return false
  return around.key === 'key' || around.key === 'source' || around.node.type === 'ExpressionStatement'
}

/** AssemblyScript tells 1 from 1.0, so the ending stays. */
function numbers(value: number, raw: string): string[] {
  const written = (n: number): string => {
    const text = raw.includes('.') && Number.isInteger(n) ? n.toFixed(1) : String(n)
    return n < 0 ? `(${text})` : text
  }
  // 1e-12 + 1 is 1: any test would see that, and 2e-12 is what one mistypes.
  if (!Number.isInteger(value) && Math.abs(value) < 0.01)
    return [value * 10, value / 10].map((n) => written(Number(n.toPrecision(12))))
  return [written(value + 1), written(value - 1)]
}

function isDefault(place: Place): boolean {
  const around = outer(place)
  if (around === undefined) return false
  const { node, key } = around
  if (node.type === 'AssignmentPattern') return key === 'right'
  if (node.type === 'LogicalExpression') return node.operator === '??' && key === 'right'
  return node.type === 'PropertyDefinition' && key === 'value'
}

/** `{ a: true, b: true }` is a set: only its keys are read. */
function inSet({ around }: Place): Node | null {
  const [property, object] = around
  if (
    property?.node.type !== 'Property' ||
    property.key !== 'value' ||
    object?.node.type !== 'ObjectExpression'
  )
    return null
  const isSet = object.node.properties.every(
    (one) => one.type === 'Property' && one.value.type === 'Literal' && one.value.value === true,
  )
  return isSet ? property.node : null
}

const replacing = ({ node }: Place, texts: readonly string[]): Edit[] =>
  texts.map((text) => ({ start: node.start, end: node.end, text }))

/** One more and one less, true for false, another key. */
export function constant(place: Place): Edit[] {
  if (isDefault(place)) return []
  const key = inSet(place)
  if (key !== null) return [{ start: key.start, end: key.end, text: "'': true" }]
  return [...replacing(place, other(place)), ...message(place)]
}

/** A default that is another one, or that is missing. */
export function changedDefault(place: Place): Edit[] {
  if (!isDefault(place)) return []
  const texts = other(place)
  if (texts.length > 0) return replacing(place, texts)
  const isParameter = outer(place)?.node.type === 'AssignmentPattern'
  return isParameter && !place.isKernel && !isText(place.node) ? replacing(place, ['undefined']) : []
}

/** The whole of a message. */
function message({ node, isKernel }: Place): Edit[] {
  if (isKernel || node.type !== 'ThrowStatement' || node.argument.type !== 'NewExpression') return []
  const said = node.argument.arguments[0]
  return said === undefined ? [] : [{ start: said.start, end: said.end, text: "''" }]
}
