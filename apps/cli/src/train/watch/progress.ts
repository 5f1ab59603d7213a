import type { DoneEvent, ProgressEvent } from '@handgrad/trainer'
import { html, type Markup } from '../../report/markup.ts'
import { lossText, percent } from '../format.ts'
import { progressText } from '../live-line.ts'

/** How far the run is, as the terminal says it. */
export function progressPart(event: ProgressEvent): Markup {
  return html`<p>${progressText(event)}</p><progress aria-label="this pass" max="${event.batches}" value="${event.batch}"></progress>`
}

/** What the test came to. */
export function donePart({ testAccuracy, testLoss, bestEpoch }: DoneEvent): Markup {
  const weights = bestEpoch === undefined ? '' : ` with the weights of epoch ${bestEpoch}, the best`
  return html`<p><strong>test accuracy ${percent(testAccuracy)}</strong>${weights}, test loss ${lossText(testLoss)}</p>`
}
