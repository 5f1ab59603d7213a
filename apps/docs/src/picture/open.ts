import { type View, writeView } from '../widgets/explorer/address.ts'
import type { Look } from '../workers/protocol.ts'
import { openConv2d } from './openings/conv2d.ts'
import { openLinear } from './openings/linear.ts'
import { openMaxPool2d } from './openings/max-pool2d.ts'
import { openReLU } from './openings/relu.ts'
import type { Spot } from './openings/spot.ts'
import { exact } from './patch.ts'

/** A page of the site, with numbers of a pass. */
export interface Opening {
  /** The layer as the page's title names it. */
  readonly title: string
  /** From the site's root. */
  readonly address: string
}

/** Which of a cell's two numbers is asked about. */
export type Side = 'value' | 'gradient'

const openers: Readonly<Record<string, readonly [id: string, view: (spot: Spot) => View | null]>> = {
  Conv2d: ['conv2d', openConv2d],
  MaxPool2d: ['max-pool2d', openMaxPool2d],
  ReLU: ['relu', openReLU],
  Linear: ['linear', openLinear],
}

function openLayer(spot: Spot): Opening | null {
  const { kind } = spot.y
  // It computes nothing: its page has no numbers to set.
  if (kind === 'Flatten') return { title: kind, address: 'layers/flatten/' }
  const [id, viewOf] = openers[kind]
  const view = viewOf(spot)
  return view === null ? null : { title: kind, address: `layers/${id}/?${writeView('', id, view)}#explorer` }
}

/** Softmax and cross-entropy with the scores of a pass. */
export function openLoss({ stages, predicted, label }: Look): Opening {
  const scores = Array.from(stages.at(-1)!.value.data, exact).join(',')
  return {
    title: 'softmax and cross-entropy',
    address: `cross-entropy/?z=${scores}&target=${label ?? predicted}#explorer`,
  }
}

/**
 * The page that shows how one number came about: a value, by the layer that computed it; a gradient, by the layer that sent it
 * back. Null where the page cannot show it.
 */
export function openCell(look: Look, at: number, cell: number, side: Side): Opening | null {
  const { stages } = look
  if (side === 'value' && at > 0) return openLayer({ side: 'y', cell, x: stages[at - 1], y: stages[at] })
  if (at === stages.length - 1) return openLoss(look)
  return openLayer({ side: 'dx', cell, x: stages[at], y: stages[at + 1] })
}
