import type { Tensor } from '@handgrad/tensor'
import { type Explorer, flatIndex, product, type Term } from '../../explorers/explorer.ts'
import { type View, writeView } from '../../widgets/explorer/address.ts'
import { address } from '../../widgets/format.ts'
import { largestCell, rounded, type ThreadStep } from './step.ts'

/** `(−1) · 0.99`, a product with its numbers. */
function termText({ factors }: Term): string {
  return factors.map(({ value }) => (value < 0 ? `(${rounded(value)})` : rounded(value))).join(' · ')
}

/** How the largest cell of `name` comes about, product by product; those that are 0 are left out. */
function workedOut(
  model: Explorer,
  options: Record<string, number>,
  tensors: Record<string, Tensor>,
  name: string,
): string {
  const index = largestCell(tensors[name])
  const { terms, rule } = model.explain(name, index, tensors, options)!
  const counted = terms.filter((term) => product(term) !== 0)
  const value = tensors[name].data[flatIndex(tensors[name].shape, index)]
  return `${address(name, index.slice(-2))} = ${counted.map(termText).join(' + ')} = ${rounded(value)}. ${rule}`
}

/** A step that has an explorer on its page: what it shows, worked out, and its address. */
export function explored(
  model: Explorer,
  options: Record<string, number>,
  inputs: Record<string, Tensor>,
  outputs: Record<string, Tensor>,
): Pick<ThreadStep, 'byHand' | 'address'> {
  const tensors = { ...inputs, ...outputs }
  const view: View = {
    options,
    edited: Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, Array.from(data)])),
    pick: { name: 'y', index: largestCell(outputs['y']) },
    from: null,
  }
  return {
    byHand: [workedOut(model, options, tensors, 'y'), workedOut(model, options, tensors, 'dx')],
    address: `?${writeView('', model.id, view)}#explorer`,
  }
}
