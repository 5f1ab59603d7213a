import { encode } from 'fast-png'
import jpeg from 'jpeg-js'

/** What a picture shows at a place: grey, or red, green, blue and perhaps alpha. */
type Shown = (x: number, y: number) => number | readonly number[]

/** A PNG of so many pixels. */
export function pngOf(width: number, height: number, shown: Shown, depth: 8 | 16 = 8): Uint8Array {
  const values = Array.from({ length: width * height }, (_, i) =>
    [shown(i % width, Math.floor(i / width))].flat(),
  )
  const channels = values[0].length
  const data = depth === 8 ? Uint8Array.from(values.flat()) : Uint16Array.from(values.flat())
  return encode({ width, height, channels, depth, data })
}

/** A JPEG of so many pixels. */
export function jpegOf(width: number, height: number, shown: (x: number, y: number) => number): Uint8Array {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => {
    const pixel = i >> 2
    return i % 4 === 3 ? 255 : shown(pixel % width, Math.floor(pixel / width))
  })
  return new Uint8Array(jpeg.encode({ width, height, data }, 95).data)
}
