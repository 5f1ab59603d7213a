import type { ImageDataset } from '@handgrad/data'
import { element, newDocument, sheet } from './svg.ts'

/** Images of a class on the sheet. */
const COLUMNS = 12
/** Pixels of a picture on the sheet, with what lies between two of them. */
const PITCH = 60
const GAP = 4
const LEFT = 132
const TOP = 52

/** The first images of each class, a row a class, as an SVG document: pixels as they are, 0 black and 255 white. */
export function samplesSvg(dataset: ImageDataset, classes: readonly string[], title: string): string {
  const document = newDocument()
  const [, H, W] = dataset.sampleShape
  const scale = (PITCH - GAP) / Math.max(H, W)
  const parts: SVGElement[] = []
  const grey = new Map<number, string[]>()
  classes.forEach((name, label) => {
    const y = TOP + label * PITCH
    parts.push(element(document, 'text', { x: LEFT - 12, y: y + PITCH / 2, 'text-anchor': 'end' }, [name]))
    firstOf(dataset.labels, label).forEach((index, column) => {
      const x = LEFT + column * PITCH
      parts.push(element(document, 'rect', { x, y, width: W * scale, height: H * scale, fill: '#000' }))
      addRuns(grey, dataset.images.subarray(index * H * W, (index + 1) * H * W), { W, x, y, scale })
    })
  })
  const lights = [...grey].map(([value, runs]) =>
    element(document, 'path', { d: runs.join(''), fill: `rgb(${value},${value},${value})` }),
  )
  const [width, height] = [LEFT + COLUMNS * PITCH + 12, TOP + classes.length * PITCH + 12]
  return sheet(document, { width, height, title }, [...parts, ...lights])
}

/** Where the first images of a class are. */
function firstOf(labels: Uint8Array, label: number): number[] {
  const found: number[] = []
  for (let at = labels.indexOf(label); at >= 0 && found.length < COLUMNS; at = labels.indexOf(label, at + 1))
    found.push(at)
  return found
}

/** Adds what is not black, by grey value: runs of equal pixels are one rectangle. */
function addRuns(
  grey: Map<number, string[]>,
  image: Uint8Array,
  { W, x, y, scale }: { W: number; x: number; y: number; scale: number },
): void {
  for (let from = 0; from < image.length; ) {
    const [value, row] = [image[from], Math.floor(from / W)]
    let to = from + 1
    while (to < (row + 1) * W && image[to] === value) to++
    if (value > 0) {
      const runs = grey.get(value) ?? []
      const width = (to - from) * scale
      runs.push(`M${x + (from % W) * scale} ${y + row * scale}h${width}v${scale}h${-width}z`)
      grey.set(value, runs)
    }
    from = to
  }
}
