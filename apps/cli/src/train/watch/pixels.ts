import { encode } from 'fast-png'
import { html, type Markup } from '../../report/markup.ts'

/** A small picture [H,W], pixels as they are. */
export interface Pixels {
  readonly height: number
  readonly width: number
  /** Of each pixel red, green and blue, 0 to 255. */
  readonly data: Uint8Array
}

/** An element that shows pixels, about so many wide on the screen, with a caption. */
export function picture({ height, width, data }: Pixels, size: number, caption: string): Markup {
  const scale = Math.max(1, Math.round(size / Math.max(height, width)))
  const png = encode({ width, height, data, channels: 3, depth: 8 })
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`
  return html`<figure><img src="${source}" width="${width * scale}" height="${height * scale}" alt="">${caption === '' ? '' : html`<figcaption>${caption}</figcaption>`}</figure>\n`
}

/** Values as grey, the least of them black and the largest white. */
export function grey(values: Float32Array, [height, width]: readonly [number, number]): Pixels {
  const data = new Uint8Array(3 * height * width)
  const plane = values.subarray(0, height * width)
  const [least, most] = [Math.min(...plane), Math.max(...plane)]
  for (const [i, value] of plane.entries())
    data.fill(Math.round((255 * (value - least)) / (most - least || 1)), 3 * i, 3 * i + 3)
  return { height, width, data }
}

/** Below 0 blue, above it orange, 0 white; `most` is the strongest. */
export function diverging(
  values: ArrayLike<number>,
  most: number,
  [height, width]: readonly [number, number],
): Pixels {
  const data = new Uint8Array(3 * height * width)
  for (let i = 0; i < height * width; i++) {
    const strength = most === 0 ? 0 : Math.min(1, Math.abs(values[i]) / most)
    const colour = values[i] < 0 ? [0x00, 0x72, 0xb2] : [0xd5, 0x5e, 0x00]
    for (const [c, full] of colour.entries()) data[3 * i + c] = Math.round(255 + strength * (full - 255))
  }
  return { height, width, data }
}
