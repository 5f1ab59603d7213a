import { createRequire } from 'node:module'
import { Resvg } from '@resvg/resvg-js'

// resvg leaves out text whose font it does not have: the fonts come with the program, not from the machine.
const fontFiles = ['dejavu-fonts-ttf/ttf/DejaVuSans.ttf', 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'].map(
  (path) => createRequire(import.meta.url).resolve(path),
)

/** A picture of an SVG, twice as large for dense screens. */
export function toPng(svg: string): Uint8Array {
  const resvg = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    font: { loadSystemFonts: false, fontFiles, defaultFontFamily: 'DejaVu Sans' },
  })
  return resvg.render().asPng()
}
