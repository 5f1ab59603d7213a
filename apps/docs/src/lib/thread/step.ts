import type { Tensor } from '@handgrad/tensor'
import { short } from '../../widgets/format.ts'

/** Some numbers of a step, with the name that its page gives them. */
export interface Numbers {
  readonly name: string
  readonly label: string
  readonly tensor: Tensor
  /** What the rows are, where they have names of their own. */
  readonly rows?: readonly string[]
}

/** One step of the thread, as its page shows it. */
export interface ThreadStep {
  readonly id: string
  readonly title: string
  readonly page: string
  /** What goes in first, what comes out last. */
  readonly forward: readonly Numbers[]
  /** What comes from the step behind first. */
  readonly backward: readonly Numbers[]
  /** Single numbers of it, worked out. */
  readonly byHand: readonly string[]
  /** The step's page with these numbers in its own picture; null where it has none. */
  readonly address: string | null
}

/** The shape without axes of 1 in front, rows alone as one row. */
function flatShape({ shape }: Tensor): readonly number[] {
  const rest = shape.slice(shape.findIndex((extent) => extent > 1))
  return rest.length === 0 || rest[0] === 1 ? [1] : rest
}

/** A tensor as a page shows it: without the axes of batch and channel, unless told. */
export const numbers = (
  name: string,
  label: string,
  x: Tensor,
  shape: readonly number[] = flatShape(x),
): Numbers => ({
  name,
  label,
  tensor: x.reshape(shape),
})

/** What `bwd()` wrote. */
export const gradient = (x: Tensor): Tensor => x.g as Tensor

/** A number as the thread shows it: of what is large three digits, of what is small three places. */
export const rounded = (value: number): string =>
  short(Math.abs(value) < 1 ? Number(value.toFixed(3)) : Number(value.toPrecision(3)))

/** The cell of the largest size. */
export function largestCell({ data, shape }: Tensor): number[] {
  const sizes = Array.from(data, Math.abs)
  let flat = sizes.indexOf(Math.max(...sizes))
  const index: number[] = []
  for (const extent of shape.toReversed()) {
    index.unshift(flat % extent)
    flat = Math.floor(flat / extent)
  }
  return index
}
