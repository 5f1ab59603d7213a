import type { Option } from '../../explorers/explorer.ts'

/** What of an explorer's state is in the page's address: what differs from the start. */
export interface View {
  options: Record<string, number>
  /** Numbers of edited inputs, by name. */
  edited: Record<string, number[]>
  /** The cell that is explained. */
  pick: { name: string; index: number[] } | null
  /** Where the numbers are from, if they are a network's: what the picked cell is there, and which of its `whole` parts are here. */
  from: { value: number; whole: number; parts: number[] } | null
}

const numbers = (text: string): number[] | null => {
  const values = text.split(',').map(Number)
  return values.every(Number.isFinite) ? values : null
}

/** Reads a view from the query of an address; what does not fit is left out. */
export function readView(search: string, id: string, options: Readonly<Record<string, Option>>): View {
  const view: View = { options: {}, edited: {}, pick: null, from: null }
  for (const [key, text] of new URLSearchParams(search)) {
    if (!key.startsWith(`${id}.`)) continue
    const name = key.slice(id.length + 1)
    const values = numbers(text)
    if (name === 'pick') view.pick = readPick(text)
    else if (values === null) continue
    else if (name === 'from') view.from = readFrom(values)
    else if (name in options) view.options[name] = clamp(values[0], options[name])
    else view.edited[name] = values
  }
  return view
}

function readPick(text: string): View['pick'] {
  const [name, ...index] = text.split('.')
  return name !== undefined && index.every((i) => /^\d+$/.test(i)) ? { name, index: index.map(Number) } : null
}

function readFrom([value, whole, ...parts]: readonly number[]): View['from'] {
  return parts.length > 0 ? { value, whole, parts } : null
}

/** The nearest value that an option can have. */
export function clamp(value: number, { min, max }: Option): number {
  return Math.min(max, Math.max(min, Math.round(value)))
}

/** The query with this explorer's view in it, others' untouched. */
export function writeView(search: string, id: string, view: View): string {
  const query = new URLSearchParams(search)
  const own = Array.from(query.keys()).filter((key) => key.startsWith(`${id}.`))
  for (const key of own) query.delete(key)
  for (const [name, value] of Object.entries(view.options)) query.set(`${id}.${name}`, String(value))
  for (const [name, values] of Object.entries(view.edited)) query.set(`${id}.${name}`, values.join(','))
  if (view.pick !== null) query.set(`${id}.pick`, [view.pick.name, ...view.pick.index].join('.'))
  if (view.from !== null)
    query.set(`${id}.from`, [view.from.value, view.from.whole, ...view.from.parts].join(','))
  // Commas may stay as they are, which is easier to read.
  return query.toString().replaceAll('%2C', ',')
}
