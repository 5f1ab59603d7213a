import type { EpochEvent } from '@handgrad/trainer'
import * as Plot from '@observablehq/plot'
import { element, newDocument, plotAt, sheet, theme } from './svg.ts'

const size = { width: 960, height: 440 }
const panel = { width: 456, height: 340 }

interface Point {
  epoch: number
  value: number
}

/** Loss and accuracy of training and validation over the epochs, as an SVG document. */
export function curvesSvg(epochs: readonly EpochEvent[], title: string): string {
  const document = newDocument()
  const loss = curve(epochs, 'loss', ({ trainLoss, validationLoss }) => [trainLoss, validationLoss])
  const accuracy = curve(epochs, 'accuracy (%)', ({ trainAccuracy, validationAccuracy }) => [
    100 * trainAccuracy,
    100 * validationAccuracy,
  ])
  return sheet(document, { ...size, title }, [
    curveLegend(document, 24, 56),
    plotAt(document, 16, 84, loss),
    plotAt(document, 488, 84, accuracy),
  ])
}

function curve(
  epochs: readonly EpochEvent[],
  label: string,
  values: (epoch: EpochEvent) => [train: number, validation: number],
): Plot.PlotOptions {
  const series = (which: 0 | 1): Point[] => epochs.map((e) => ({ epoch: e.epoch, value: values(e)[which] }))
  return {
    ...panel,
    marginLeft: 64,
    marginBottom: 48,
    marginTop: 32,
    marginRight: 24,
    x: { label: 'epoch', labelAnchor: 'center', labelArrow: 'none', ...epochAxis(epochs.length) },
    y: { label, labelArrow: 'none', grid: true, nice: true, zero: false, ticks: 6 },
    marks: [
      Plot.ruleX([epochAxis(epochs.length).domain[0]], { stroke: theme.ink, strokeOpacity: 0.4 }),
      ...line(series(0), theme.train),
      ...line(series(1), theme.validation, '6 3'),
    ],
  }
}

/** Whole epochs only, and at most about ten of them; one epoch still gets a place in the middle. */
function epochAxis(epochs: number): { domain: [number, number]; ticks: number[]; tickFormat: 'd' } {
  const step = Math.ceil(epochs / 10)
  const ticks = Array.from({ length: Math.ceil(epochs / step) }, (_, i) => 1 + i * step)
  return { domain: epochs === 1 ? [0.5, 1.5] : [1, epochs], ticks, tickFormat: 'd' }
}

function line(points: readonly Point[], colour: string, dash?: string): Plot.Markish[] {
  const style = dash === undefined ? {} : { strokeDasharray: dash }
  return [
    Plot.lineY(points, { x: 'epoch', y: 'value', stroke: colour, strokeWidth: 2.5, ...style }),
    Plot.dot(points, { x: 'epoch', y: 'value', fill: colour, r: points.length > 12 ? 2.5 : 4 }),
  ]
}

/** What the colours of both curves mean. */
export function curveLegend(document: Document, x: number, y: number): SVGElement {
  const entry = (label: string, colour: string, left: number, dash: string): SVGElement[] => [
    element(document, 'line', {
      x1: left,
      x2: left + 34,
      y1: y,
      y2: y,
      stroke: colour,
      'stroke-width': 2.5,
      'stroke-dasharray': dash,
    }),
    element(document, 'circle', { cx: left + 17, cy: y, r: 4, fill: colour }),
    element(document, 'text', { x: left + 44, y: y + 5 }, [label]),
  ]
  return element(document, 'g', {}, [
    ...entry('training (as it went)', theme.train, x, 'none'),
    ...entry('validation (after the epoch)', theme.validation, x + 240, '6 3'),
  ])
}
