import type { Tensor } from '@handgrad/tensor'
import {
  type Explanation,
  type Explorer,
  indices,
  type OptionValues,
  product,
  type Term,
} from '../explorers/explorer.ts'

/** One way to look at a layer: grids beside each other, and the one whose cells are explained. */
export interface RouteView {
  readonly title: string
  readonly grids: readonly string[]
  readonly target: string
}

/** A layer as a stage: which numbers make each cell, drawn as lines. */
export interface RouteModel {
  readonly explorer: Explorer
  readonly options: OptionValues<Record<string, never>>
  readonly views: readonly RouteView[]
  /** Which layer it is, for screen readers. */
  readonly title: string
}

/** A line from a cell that takes part to the cell that is explained. */
export interface Route {
  readonly from: { readonly name: string; readonly index: readonly number[] }
  readonly to: readonly number[]
  /** Which product of the sum it belongs to. */
  readonly term: number
  /** Nothing passes: the product has a factor of 0 that is no number of a cell. */
  readonly stopped: boolean
}

/** The tensors of a model, from one pass of the library. */
export function tensorsOf({ explorer, options }: RouteModel): Record<string, Tensor> {
  const inputs = explorer.inputs(options)
  return { ...inputs, ...explorer.run(inputs, options) }
}

/** A mask or a choice says no: its factor is 0. A number that happens to be 0 does not stop anything. */
const isStopped = ({ factors }: Term): boolean =>
  factors.some(({ name, index, value }) => value === 0 && (index === undefined || name === 'm'))

/** The lines of one cell. */
export function routesTo(explanation: Explanation, to: readonly number[], grids: readonly string[]): Route[] {
  return explanation.terms.flatMap((term, i) =>
    term.factors.flatMap(({ name, index }) =>
      index === undefined || !grids.includes(name)
        ? []
        : [{ from: { name, index }, to, term: i, stopped: isStopped(term) }],
    ),
  )
}

/** How each cell of a view's target comes about, in reading order. */
export function explanationsOf(
  model: RouteModel,
  view: RouteView,
  tensors: Record<string, Tensor>,
): { index: number[]; explanation: Explanation }[] {
  return [...indices(tensors[view.target].shape)].map((index) => ({
    index,
    explanation: model.explorer.explain(view.target, index, tensors, model.options)!,
  }))
}

/** The sum of an explanation. */
export const sumOf = ({ terms }: Explanation): number =>
  terms.reduce((total, term) => total + product(term), 0)
