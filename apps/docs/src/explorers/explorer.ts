import type { Tensor } from '@handgrad/tensor'

/** A number that the reader sets. */
export interface Option {
  readonly label: string
  readonly min: number
  readonly max: number
  readonly value: number
}

export type OptionValues<Options extends Record<string, Option>> = Readonly<Record<keyof Options, number>>

/** The options of a layer that has none. */
export type NoOptions = Readonly<Record<string, Option>>

/** One factor of a product: a cell of a tensor, or a number that has no cell (padding, a mask). */
export interface Factor {
  readonly name: string
  readonly index?: readonly number[]
  readonly value: number
}

/** One product of the sum that a cell is. */
export interface Term {
  readonly factors: readonly Factor[]
  /** Why this product is 0, or what is special about it. */
  readonly note?: string
}

/** How one cell comes about. */
export interface Explanation {
  /** What is summed, in words. */
  readonly rule: string
  readonly terms: readonly Term[]
}

/** A layer with small numbers to play with. */
export interface Explorer<Options extends Record<string, Option> = Record<string, Option>> {
  readonly id: string
  readonly options: Options
  /** What a cell of a tensor is the sum of in a network, where only some of those parts are shown: `{ y: 'input channel' }`. */
  readonly parts?: Readonly<Record<string, string>>
  /** The tensors that the reader edits, with the numbers they start from. */
  inputs(options: OptionValues<Options>): Record<string, Tensor>
  /** What the library's own forward and backward pass gives for them. */
  run(inputs: Readonly<Record<string, Tensor>>, options: OptionValues<Options>): Record<string, Tensor>
  explain(
    name: string,
    index: readonly number[],
    tensors: Readonly<Record<string, Tensor>>,
    options: OptionValues<Options>,
  ): Explanation | null
}

/** The product of a term. */
export function product({ factors }: Term): number {
  return factors.reduce((value, factor) => value * factor.value, 1)
}

/** The position of a cell in `data`. */
export function flatIndex(shape: readonly number[], index: readonly number[]): number {
  return index.reduce((position, i, axis) => position * shape[axis] + i, 0)
}

/** One cell as a factor. */
export function cell(
  tensors: Readonly<Record<string, Tensor>>,
  name: string,
  index: readonly number[],
): Factor {
  const t = tensors[name]
  return { name, index, value: t.data[flatIndex(t.shape, index)] }
}

/** All indices of a shape, in row-major order. */
export function* indices(shape: readonly number[]): Generator<number[]> {
  const size = shape.reduce((count, extent) => count * extent, 1)
  for (let flat = 0; flat < size; flat++) {
    let rest = flat
    yield shape
      .map((_, axis) => shape.length - 1 - axis)
      .map((axis) => {
        const i = rest % shape[axis]
        rest = (rest - i) / shape[axis]
        return i
      })
      .reverse()
  }
}
