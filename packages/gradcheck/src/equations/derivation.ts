import type { Tensor } from '@handgrad/tensor'

/** One line of a derivation: what holds, and why. */
export interface Step {
  /** Unique in its derivation: what a failing line is called. */
  readonly id: string
  /**
   * The equation in index notation. Reads outside a tensor's borders are 0; a condition counts 1 where it holds and
   * makes its product 0 where it does not; `diff(a, b)` is ∂a/∂b.
   */
  readonly equation: string
  /** One sentence on why it follows. */
  readonly because: string
  /** A condition on the sizes under which the line holds; always unless told. */
  readonly when?: string
  /** `'matrix'` where symbols without indices are whole tensors, `*` is the matrix product and `'` transposes. */
  readonly form?: 'matrix'
}

/** The values of one case: sizes by name, and all tensors that appear, each from somewhere else than the equations. */
export interface Binding {
  readonly sizes: Readonly<Record<string, number>>
  readonly tensors: Readonly<Record<string, Tensor>>
  /** Tensors of whole numbers, such as counts: what is made of these and of sizes alone has no rounding error. */
  readonly whole?: readonly string[]
  /** Golden tensors that are parts of a symbol's tensor, from a flat index on, besides the derivation's own. */
  readonly golden?: Readonly<Record<string, { readonly symbol: string; readonly from: number }>>
}

/** A derivation as data: rendered on the docs site, evaluated by the tests. */
export interface Derivation<Case = unknown> {
  /** What each symbol stands for, with its shape. */
  readonly symbols: Readonly<Record<string, string>>
  /** How a symbol is written, where not by its name. */
  readonly tex?: Readonly<Record<string, string>>
  /** How far each index runs, in terms of the sizes. */
  readonly indices: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
  /** Which golden tensor each symbol that ends a chain is, in the tensor's own layout but perhaps another shape. */
  readonly golden: Readonly<Record<string, string>>
  /** The values of a case, from its stored tensors, and its golden ones or those of a run, all in float64. */
  bind(item: Case, values: Readonly<Record<string, Tensor>>): Binding
}
