import type { EpochEvent } from '@handgrad/trainer'
import * as Plot from '@observablehq/plot'
import { curveLegend } from '../../plots/curves.ts'
import { newDocument, plotAt, sheet, theme } from '../../plots/svg.ts'
import { Markup } from '../../report/markup.ts'
import type { LivePoint } from './live-points.ts'

/** A measure of training as it goes, and of both parts after each epoch. */
interface Measure {
  readonly label: string
  readonly live: (point: LivePoint) => number
  readonly validation: (epoch: EpochEvent) => number
}

const measures: readonly Measure[] = [
  { label: 'loss', live: ({ loss }) => loss, validation: ({ validationLoss }) => validationLoss },
  {
    label: 'accuracy (%)',
    live: ({ accuracy }) => 100 * accuracy,
    validation: ({ validationAccuracy }) => 100 * validationAccuracy,
  },
]

/** Loss and accuracy of training as it goes, and of validation after each epoch. */
export function curvesPart(live: readonly LivePoint[], epochs: readonly EpochEvent[]): Markup {
  const document = newDocument()
  const plots = measures.map((measure, i) =>
    plotAt(document, 16 + i * 472, 60, options(measure, live, epochs)),
  )
  const size = { width: 960, height: 380, title: 'Loss and accuracy by epoch' }
  return new Markup(sheet(document, size, [curveLegend(document, 320, 27), ...plots]))
}

function options(
  { label, live: of, validation }: Measure,
  live: readonly LivePoint[],
  epochs: readonly EpochEvent[],
): Plot.PlotOptions {
  const last = Math.max(0.01, ...live.map(({ epoch }) => epoch), ...epochs.map(({ epoch }) => epoch))
  return {
    width: 456,
    height: 300,
    marginLeft: 56,
    marginBottom: 44,
    marginTop: 28,
    x: { label: 'epoch', labelAnchor: 'center', labelArrow: 'none', domain: [0, last], ticks: 6 },
    y: { label, labelArrow: 'none', grid: true, nice: true, zero: false, ticks: 6 },
    marks: [
      Plot.lineY(live, { x: 'epoch', y: of, stroke: theme.train, strokeWidth: 1.5 }),
      Plot.lineY(epochs, {
        x: 'epoch',
        y: validation,
        stroke: theme.validation,
        strokeWidth: 2.5,
        strokeDasharray: '6 3',
      }),
      Plot.dot(epochs, { x: 'epoch', y: validation, fill: theme.validation, r: 4 }),
    ],
  }
}
