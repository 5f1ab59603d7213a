import { inflateSync } from 'node:zlib'
import { oneLine } from '../errors.ts'
import { type ImageHeader, pngChunks, readHeader } from './header.ts'

/** Grey values of an image, 0 to 255 with fractions, row after row. */
export interface GreyImage {
  readonly width: number
  readonly height: number
  readonly grey: Float32Array
}

/** An image, and what its user should know of it. */
export interface Decoded extends GreyImage {
  readonly notes: readonly string[]
}

/**
 * The grey values of a PNG or JPEG, upright as its camera says; what is transparent shows `background`, a grey value.
 * @throws Error in one line, for anything that is no whole image.
 */
export async function decodeImage(bytes: Uint8Array, background: number): Promise<Decoded> {
  const header = readHeader(bytes)
  const notes = [
    ...(header.animated ? ['is animated: the first picture counts'] : []),
    ...(header.depth === 16 ? ['has 16 bits a channel, and is taken at 8'] : []),
  ]
  const pixels = await decoded(header, bytes)
  const { width, height, orientation } = header
  return { ...upright({ width, height, grey: greyOf(pixels, background) }, orientation), notes }
}

/** Pixels of 1 to 4 channels: grey, grey and alpha, colours, colours and alpha; 0 to 255. */
interface Pixels {
  readonly data: ArrayLike<number>
  readonly channels: number
  readonly scale: number
}

async function decoded(header: ImageHeader, bytes: Uint8Array): Promise<Pixels> {
  const { width, height } = header
  let pixels: Pixels
  try {
    pixels = header.kind === 'PNG' ? await png(header, bytes) : await jpeg(header, bytes)
  } catch (error) {
    throw new Error(`cannot be decoded as ${header.kind}: ${oneLine(error)}`, { cause: error })
  }
  if (pixels.data.length !== width * height * pixels.channels)
    throw new Error(
      `is a ${header.kind} that is cut short: not all of its ${width} × ${height} pixels are there`,
    )
  return pixels
}

async function png({ width, height }: ImageHeader, bytes: Uint8Array): Promise<Pixels> {
  checkInflated(bytes, width, height)
  const { decode, convertIndexedToRgb } = await import('fast-png')
  const image = decode(bytes, { checkCrc: true })
  if (image.palette !== undefined) {
    const channels = image.palette[0]?.length ?? 3
    return { data: convertIndexedToRgb(image), channels, scale: 1 }
  }
  // Fewer than 8 bits come packed, several pixels a byte.
  if (image.depth < 8)
    return { data: unpacked(image.data, image.depth, width, height), channels: 1, scale: 1 }
  return { data: image.data, channels: image.channels, scale: image.depth === 16 ? 1 / 257 : 1 }
}

/** Channels by the colour type of the header. */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/**
 * A few bytes can hold gigabytes of zeros, or state gigabytes that are not there: inflated once within a limit, before a
 * decoder does it without one.
 */
function checkInflated(bytes: Uint8Array, width: number, height: number): void {
  const data = pngChunks(bytes).flatMap(({ type, data: part }) => (type === 'IDAT' ? [part] : []))
  // Four channels of 16 bits and a filter a row; the passes of an interlaced image have rows of their own.
  const most = 8 * width * height + 8 * (height + 8) + 64
  const inflated = inflateSync(Buffer.concat(data), { maxOutputLength: most }).length
  const bits = width * height * bytes[24] * (channelsOf[bytes[25]] ?? 1)
  if (inflated * 8 < bits)
    throw new Error(`${inflated} bytes of pixels are there, expected ${Math.ceil(bits / 8)}`)
}

function unpacked(data: ArrayLike<number>, depth: number, width: number, height: number): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8)
  const most = 2 ** depth - 1
  const isPacked = data.length === rowBytes * height
  return Uint8Array.from({ length: width * height }, (_, i) => {
    if (!isPacked) return (data[i] * 255) / most
    const [row, column] = [Math.floor(i / width), i % width]
    const byte = data[row * rowBytes + Math.floor((column * depth) / 8)]
    const value = (byte >> (8 - depth - ((column * depth) % 8))) & most
    return (value * 255) / most
  })
}

/** The least compressed byte of a JPEG holds no more pixels than this: four blocks to a byte, and what is subsampled. */
const PIXELS_A_BYTE = 1024

async function jpeg({ width, height }: ImageHeader, bytes: Uint8Array): Promise<Pixels> {
  if (width * height > bytes.length * PIXELS_A_BYTE) throw new Error('its pixels are not there')
  const { default: library } = await import('jpeg-js')
  const limits = { maxResolutionInMP: 64, maxMemoryUsageInMB: 1024 }
  const { data } = library.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    ...limits,
  })
  return { data, channels: 3, scale: 1 }
}

/** Mirrored and turned as an EXIF orientation says: from 5 on rows are columns. */
function upright({ width, height, grey }: GreyImage, orientation: number): GreyImage {
  if (orientation === 1) return { width, height, grey }
  const isTurned = orientation >= 5
  const [flipX, flipY] = [[2, 3, 7, 8].includes(orientation), [3, 4, 6, 7].includes(orientation)]
  const [columns, rows] = isTurned ? [height, width] : [width, height]
  const turned = new Float32Array(grey.length)
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const [a, b] = isTurned ? [y, x] : [x, y]
      turned[y * columns + x] = grey[(flipY ? height - 1 - b : b) * width + (flipX ? width - 1 - a : a)]
    }
  }
  return { width: columns, height: rows, grey: turned }
}

/** Luma as in JPEG, laid on the background. */
function greyOf({ data, channels, scale }: Pixels, background: number): Float32Array {
  const hasAlpha = channels % 2 === 0
  const count = data.length / channels
  const grey = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    const at = i * channels
    const luma = channels < 3 ? data[at] : 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]
    const alpha = hasAlpha ? (data[at + channels - 1] * scale) / 255 : 1
    grey[i] = luma * scale * alpha + background * (1 - alpha)
  }
  return grey
}
