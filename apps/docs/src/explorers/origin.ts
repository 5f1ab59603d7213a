import { short } from '../widgets/format.ts'
import type { Explorer } from './explorer.ts'

/** A cell of a network: its value there, and which of the `whole` parts that add up to it an explorer shows. */
export interface Origin {
  readonly value: number
  readonly whole: number
  readonly parts: readonly number[]
}

/** Says of the cell of `name` how much of what it is in the network can be seen here. */
export function originOf(
  { parts: kinds = {} }: Pick<Explorer, 'parts'>,
  name: string,
  { value, whole, parts }: Origin,
): string {
  const start = `These are numbers of a network. There this cell is ${short(value)}`
  const kind = kinds[name]
  if (kind === undefined || parts.length === whole) return `${start}, and all that it is made of is here.`
  const bias = name === 'y' ? ', and the bias' : ''
  const shown =
    parts.length === 1
      ? `Here is ${kind} ${parts[0]} alone`
      : `Here are ${kind}s ${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
  return `${start}: the sum over ${whole} ${kind}s${bias}. ${shown}, a part of that sum.`
}
