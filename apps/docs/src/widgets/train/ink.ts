/** Side of the drawing in its own pixels, and of the images that the network knows. */
export const PAPER = 280
const IMAGE = 28
const DIGIT = 20

interface Box {
  left: number
  top: number
  width: number
  height: number
}

function inkBox(pixels: Uint8ClampedArray): Box | null {
  let [left, top, right, bottom] = [PAPER, PAPER, -1, -1]
  for (let y = 0; y < PAPER; y++) {
    for (let x = 0; x < PAPER; x++) {
      if (pixels[4 * (y * PAPER + x) + 3] < 32) continue
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 }
}

/** What one draws with: its pixels are read after every stroke. */
export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  return canvas.getContext('2d', { willReadFrequently: true })!
}

/** Where the ink's centre of mass is. */
function centre(grey: Uint8Array): [x: number, y: number] {
  let [sum, sumX, sumY] = [0, 0, 0]
  grey.forEach((value, i) => {
    sum += value
    sumX += value * (i % IMAGE)
    sumY += value * Math.floor(i / IMAGE)
  })
  return [sumX / sum, sumY / sum]
}

function greyOf(context: CanvasRenderingContext2D): Uint8Array {
  const { data } = context.getImageData(0, 0, IMAGE, IMAGE)
  return Uint8Array.from({ length: IMAGE * IMAGE }, (_, i) => data[4 * i + 3])
}

/**
 * A drawing as MNIST has it: the ink scaled to fit 20 × 20 and put into 28 × 28 by its centre of mass. Null for no ink.
 * Source: http://yann.lecun.com/exdb/mnist
 */
export function asDigit(paper: HTMLCanvasElement): Uint8Array | null {
  const box = inkBox(contextOf(paper).getImageData(0, 0, PAPER, PAPER).data)
  if (box === null) return null
  const scale = DIGIT / Math.max(box.width, box.height)
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = IMAGE
  const context = contextOf(canvas)
  context.imageSmoothingQuality = 'high'
  const draw = (x: number, y: number): Uint8Array => {
    context.clearRect(0, 0, IMAGE, IMAGE)
    context.drawImage(
      paper,
      box.left,
      box.top,
      box.width,
      box.height,
      x,
      y,
      box.width * scale,
      box.height * scale,
    )
    return greyOf(context)
  }
  const [x, y] = [(IMAGE - box.width * scale) / 2, (IMAGE - box.height * scale) / 2]
  const [cx, cy] = centre(draw(x, y))
  return draw(x + Math.round(IMAGE / 2 - 0.5 - cx), y + Math.round(IMAGE / 2 - 0.5 - cy))
}
