import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

/** The colours and fonts of every figure: Okabe and Ito's palette, which colour-blind readers can tell apart. */
export const theme = {
  train: '#0072b2',
  validation: '#d55e00',
  ink: '#222222',
  paper: '#ffffff',
  font: 'DejaVu Sans, Verdana, sans-serif',
} as const

/** A document without a browser, for Plot and for what stands around it. */
export function newDocument(): Document {
  return parseHTML('<!doctype html><html><body></body></html>').document
}

/** One SVG element. */
export function element(
  document: Document,
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly (Node | string)[] = [],
): SVGElement {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value))
  node.append(...children)
  return node
}

/** A figure of given size in pixels: a white sheet, a title, and parts with their places. */
export function sheet(
  document: Document,
  { width, height, title }: { width: number; height: number; title: string },
  parts: readonly SVGElement[],
): string {
  const root = element(
    document,
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'font-family': theme.font,
      'font-size': 13,
      fill: theme.ink,
    },
    [
      element(document, 'title', {}, [title]),
      element(document, 'rect', { width, height, fill: theme.paper }),
      element(document, 'text', { x: 24, y: 32, 'font-size': 17, 'font-weight': 'bold' }, [title]),
      ...parts,
    ],
  )
  return root.outerHTML
}

/** A plot as one part of a sheet, its top left corner at (x, y). */
export function plotAt(document: Document, x: number, y: number, options: Plot.PlotOptions): SVGElement {
  const plot = Plot.plot({
    ...options,
    document,
    style: { fontFamily: theme.font, fontSize: '13px', color: theme.ink, background: theme.paper },
  }) as unknown as SVGElement
  plot.setAttribute('x', String(x))
  plot.setAttribute('y', String(y))
  return plot
}
