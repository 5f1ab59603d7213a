import { range } from '../widgets/format.ts'
import type { Look, Stage } from '../workers/protocol.ts'
import { movesWith, readersOf } from './reach.ts'

/** One product of the sum that a gradient is: what comes back from a later cell, times the slope of that cell. */
export interface Product {
  /** The cell of the stage behind. */
  readonly cell: number
  readonly upstream: number
  readonly slope: number
}

/** The weight of a layer, as it lies in memory; empty for a layer without. */
export function weightOf({ parameters }: Stage): Float32Array {
  return parameters.find(({ name }) => name === 'weight')?.value.data ?? new Float32Array()
}

/** The number that a layer adds to each output channel or feature. */
export function biasOf({ parameters }: Stage, output: number): number {
  return parameters.find(({ name }) => name === 'bias')?.value.data[output] ?? 0
}

/** The place in the weight of the tap that ties an output channel to a cell of the input. */
export function weightAt({ reads }: Stage, output: number, input: number, tap: number): number {
  if (reads?.how !== 'windows') return 0
  const { H, W, Kh, Kw } = reads.window
  const own = reads.inChannels / reads.groups
  return (output * own + (Math.floor(input / (H * W)) % own)) * Kh * Kw + tap
}

/** The products whose sum is the gradient of a cell: one for each later cell that was computed from it. None for the last stage. */
export function productsOf({ stages }: Pick<Look, 'stages'>, at: number, cell: number): Product[] {
  const behind = stages[at + 1] as Stage | undefined
  if (behind === undefined) return []
  const reads = behind.reads!
  const weight = weightOf(behind)
  const slopeOf = (output: number, tap: number): number => {
    if (reads.how === 'all') return weight[output * stages[at].value.data.length + cell]
    if (reads.how === 'each' || reads.chosen !== null) return Number(movesWith(reads, output, cell))
    const channel = Math.floor(output / (reads.window.Ho * reads.window.Wo))
    return weight[weightAt(behind, channel, cell, tap)]
  }
  return readersOf(reads, cell, behind.value.data.length).map(({ cell: output, tap }) => ({
    cell: output,
    upstream: behind.gradient.data[output],
    slope: slopeOf(output, tap),
  }))
}

/** The sum of products. */
export const sumOf = (products: readonly Product[]): number =>
  products.reduce((sum, { upstream, slope }) => sum + upstream * slope, 0)

/** The numbers from 0 below `count` by the size of what `of` says of them, the largest first. */
export function largest(count: number, of: (i: number) => number): number[] {
  return range(count).toSorted((a, b) => Math.abs(of(b)) - Math.abs(of(a)))
}
