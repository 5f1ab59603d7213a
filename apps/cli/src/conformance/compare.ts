import type { Behaviour } from './behaviours.ts'
import { numbers, type Reply, type SentTensor } from './question.ts'

/** One cell of the table. */
export interface Cell {
  /** `same` as PyTorch in everything that was given, `other`, or what kept it from an answer. */
  readonly verdict: 'same' | 'other' | 'not offered' | 'error'
  /** What came, by tensor: only what PyTorch gives too. */
  readonly outputs?: Readonly<Record<string, SentTensor>>
  /** Why not, or the library's own message. */
  readonly says?: string
}

/** A float32 library may be so far from a value, relative to 1 and to it, unless the behaviour says more. */
const TOLERANCE = 2e-6

const isNear = (a: number, b: number, tolerance: number): boolean =>
  Object.is(a, b) ||
  a === b ||
  (Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)))

function sameTensor(a: SentTensor, b: SentTensor, tolerance: number): boolean {
  if (a.shape.join() !== b.shape.join()) return false
  const [x, y] = [numbers(a), numbers(b)]
  return x.every((value, i) => isNear(value, y[i], tolerance))
}

/** Of a dropout's output what a kept element has become: its largest. What was drawn is told in two digits. */
function summarised(
  { question }: Behaviour,
  outputs: Readonly<Record<string, SentTensor>>,
): Readonly<Record<string, SentTensor>> {
  if (question.op === 'initial weights')
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { shape, data }]) => [
        name,
        { shape, data: data.map((value) => Number(Number(value).toPrecision(2))) },
      ]),
    )
  if (!question.op.startsWith('dropout')) return outputs
  return { kept: { shape: [], data: [Math.max(...numbers(outputs['y']))] } }
}

/** In six digits: what a table has room for, and what every machine gives alike. */
const rounded = ({ shape, data }: SentTensor): SentTensor => ({
  shape,
  data: data.map((value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value)),
})

/** What a library's reply is beside PyTorch's values. */
export function cellOf(behaviour: Behaviour, reply: Reply): Cell {
  if ('notOffered' in reply) return { verdict: 'not offered', says: reply.notOffered }
  if ('error' in reply) return { verdict: 'error', says: reply.error }
  const expected = behaviour.reference.outputs
  const given = summarised(behaviour, reply.outputs)
  const names = Object.keys(expected).filter((name) => Object.hasOwn(given, name))
  if (names.length === 0) return { verdict: 'error', says: 'it gave none of the tensors that were asked for' }
  const outputs = Object.fromEntries(names.map((name) => [name, rounded(given[name])]))
  const same = names.every((name) =>
    sameTensor(given[name], expected[name], behaviour.tolerance ?? TOLERANCE),
  )
  return { verdict: same ? 'same' : 'other', outputs }
}

/** The cell of a library that was asked twice: what is another number the second time is said to vary. */
export function steadyCell(first: Cell, second: Cell): Cell {
  if (first.outputs === undefined || second.outputs === undefined) return first
  const outputs = Object.entries(first.outputs).map(([name, { shape, data }]) => {
    const again = second.outputs?.[name]?.data
    return [name, { shape, data: data.map((value, i) => (again?.[i] === value ? value : 'varies')) }] as const
  })
  return { ...first, outputs: Object.fromEntries(outputs) }
}
