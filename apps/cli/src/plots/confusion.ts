import type { Confusion } from '@handgrad/trainer'
import * as Plot from '@observablehq/plot'
import { newDocument, plotAt, sheet, theme } from './svg.ts'

interface Cell {
  truth: string
  predicted: string
  count: number
  /** Share of the images of this true class. */
  share: number
}

const size = { width: 760, height: 740 }

/** How often each class was taken for each, as an SVG document: a row per true class, its share as the colour. */
export function confusionSvg(confusion: Confusion, classes: readonly string[], title: string): string {
  const document = newDocument()
  const longest = Math.max(...classes.map((name) => name.length))
  const slanted = longest > 3
  const plot = plotAt(document, 16, 48, {
    width: 728,
    height: 680,
    marginLeft: 44 + 8 * longest,
    marginTop: slanted ? 112 : 64,
    marginRight: slanted ? 60 : 16,
    marginBottom: 16,
    x: { domain: classes, label: null, axis: null },
    y: { domain: classes, label: null, axis: null },
    // The root of the share: one mistake in a hundred is still seen.
    color: { type: 'sqrt', scheme: 'blues', domain: [0, 1] },
    marks: [
      Plot.axisX({
        anchor: 'top',
        label: 'predicted',
        labelArrow: 'none',
        labelAnchor: 'center',
        tickSize: 0,
        tickRotate: slanted ? -40 : 0,
        labelOffset: slanted ? 100 : 44,
      }),
      Plot.axisY({
        anchor: 'left',
        label: 'true class',
        labelArrow: 'none',
        labelAnchor: 'center',
        tickSize: 0,
        labelOffset: 32 + 8 * longest,
      }),
      Plot.cell(cells(confusion, classes), { x: 'predicted', y: 'truth', fill: 'share', inset: 0.5 }),
      Plot.text(cells(confusion, classes), {
        x: 'predicted',
        y: 'truth',
        text: (cell: Cell) => (cell.count === 0 ? '' : String(cell.count)),
        fill: (cell: Cell) => (cell.share > 0.3 ? theme.paper : theme.ink),
      }),
    ],
  })
  return sheet(document, { ...size, title }, [plot])
}

function cells(confusion: Confusion, classes: readonly string[]): Cell[] {
  return classes.flatMap((truth, t) => {
    const counts = classes.map((_, p) => confusion.at(t, p))
    const total = Math.max(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    )
    return classes.map((predicted, p) => ({ truth, predicted, count: counts[p], share: counts[p] / total }))
  })
}
