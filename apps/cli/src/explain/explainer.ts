import type { Layer } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'

/** A place in a tensor, without its first axis: there is one image. */
export type Place = readonly number[]

/** One of the numbers that are added. */
export interface Term {
  /** What it is: `w[3,0,1,1]·x[0,12,9]`. */
  readonly name: string
  /** What is multiplied; left out where it is one number. */
  readonly factors?: readonly [number, number]
  readonly value: number
}

/** Some numbers of a tensor as they lie in it; null outside of it. */
export interface Grid {
  readonly title: string
  readonly rows: readonly (readonly (number | null)[])[]
}

/** How one number comes about: its name, the layer's own value, and what that is made of. */
export interface Part {
  readonly name: string
  readonly value: number
  /** In words, where it is no sum. */
  readonly rule?: string
  readonly grids?: readonly Grid[]
  readonly terms?: readonly Term[]
}

/** What went through a layer, and back: all as the layer itself computed it. */
export interface Passed {
  readonly x: Tensor
  readonly y: Tensor
  readonly dx: Tensor
  readonly dy: Tensor
}

/** One element of a layer's output, how it came about, and the element of its input that it goes back to. */
export interface Step {
  readonly forward: readonly Part[]
  readonly from: Place
}

/** What every file of `explain/layers/` exports as `explainer`; its name is the layer's, in lower case with hyphens. */
export interface Explainer<L extends Layer = Layer> {
  readonly of: abstract new (...args: never[]) => L
  /** How the output at a place comes about. */
  forward(layer: L, passed: Passed, at: Place): Step
  /** How the gradients there come about: of the input element, and of the parameters on the way. */
  backward(layer: L, passed: Passed, at: Place, from: Place): readonly Part[]
}

/** The element of a tensor with these indices. */
export function elementAt({ shape, data }: Tensor, indices: readonly number[]): number {
  return data[indices.reduce((offset, index, axis) => offset * shape[axis] + index, 0)]
}

/** The value at a place. */
export const valueAt = (tensor: Tensor, place: Place): number => elementAt(tensor, [0, ...place])

/** `x[0,12,9]`. */
export const named = (name: string, place: Place): string => `${name}[${place.join(',')}]`

/** A product as a term. */
export function product(name: string, a: number, b: number): Term {
  return { name, factors: [a, b], value: a * b }
}

/** The term that weighs most; the first of several. */
export function heaviest<T extends Term>(terms: readonly T[]): T {
  return terms.reduce((most, term) => (Math.abs(term.value) > Math.abs(most.value) ? term : most))
}
