import { type Edit, type Place, textOf } from '../syntax.ts'
import { isText, replaceToken, within } from './edits.ts'

const binary: Readonly<Record<string, string>> = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '**': '*',
  '&': '|',
  '|': '&',
  '^': '&',
  '<<': '>>',
  '>>': '<<',
  '>>>': '<<',
}

/** Functions with a neighbour that one mistakes them for: of `Math`, and AssemblyScript's own. */
const functions: Readonly<Record<string, string>> = {
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  round: 'floor',
  trunc: 'ceil',
  sin: 'cos',
  cos: 'sin',
}

/** Functions that one forgets. */
const forgotten = new Set(['abs', 'sqrt', 'fround', 'log', 'exp'])

/** Instructions on vectors, by the word behind the dot: `f32x4.add`. */
const instructions: Readonly<Record<string, string>> = {
  add: 'sub',
  sub: 'add',
  mul: 'add',
  div: 'mul',
  max: 'min',
  min: 'max',
  pmax: 'pmin',
  pmin: 'pmax',
  and: 'or',
  or: 'and',
  relaxed_madd: 'relaxed_nmadd',
}

function ofCall({ node }: Place): Edit[] {
  if (node.type !== 'CallExpression') return []
  const { callee } = node
  if (callee.type === 'Identifier')
    return Object.hasOwn(functions, callee.name) ? [{ ...spanOf(callee), text: functions[callee.name] }] : []
  if (callee.type !== 'MemberExpression' || callee.computed || callee.object.type !== 'Identifier') return []
  const { object, property } = callee
  if (property.type !== 'Identifier') return []
  const { name } = property
  if (object.name === 'Math') {
    if (forgotten.has(name)) return [{ ...spanOf(callee), text: '' }]
    return Object.hasOwn(functions, name) ? [{ ...spanOf(property), text: functions[name] }] : []
  }
  const isVector = /^(v128|[if]\d+x\d+)$/.test(object.name)
  return isVector && Object.hasOwn(instructions, name)
    ? [{ ...spanOf(property), text: instructions[name] }]
    : []
}

const spanOf = ({ start, end }: { start: number; end: number }): { start: number; end: number } => ({
  start,
  end,
})

/** + for −, · for /, what is added up for what is taken away, a sign, and functions that are mistaken for another. */
export function arithmetic(place: Place): Edit[] {
  const { node, source } = place
  switch (node.type) {
    case 'BinaryExpression': {
      const by = binary[node.operator]
      if (by === undefined || isText(node.left) || isText(node.right)) return []
      return [replaceToken(source, node.left.end, node.right.start, node.operator, by)]
    }
    case 'AssignmentExpression': {
      const by = binary[node.operator.slice(0, -1)]
      // A loop that counts the wrong way only shows that it does not end.
      if (by === undefined || within(place, 'ForStatement', 'update')) return []
      const [from, to] = [node.left.end, node.right.start]
      return [`${by}=`, '='].map((text) => replaceToken(source, from, to, node.operator, text))
    }
    case 'UpdateExpression': {
      if (within(place, 'ForStatement', 'update')) return []
      const text = textOf(source, node)
      return [
        {
          ...spanOf(node),
          text: node.operator === '++' ? text.replace('++', '--') : text.replace('--', '++'),
        },
      ]
    }
    case 'UnaryExpression':
      if (node.operator !== '-' && node.operator !== '~') return []
      return [{ ...spanOf(node), text: `(${textOf(source, node.argument)})` }]
    default:
      return ofCall(place)
  }
}
