import { foreignKind } from '@handgrad/tensor'

/** More than so many pixels are refused before anything is decoded. */
export const MAX_PIXELS = 64_000_000

/** What an image file says of itself before it is decoded. */
export interface ImageHeader {
  readonly kind: 'PNG' | 'JPEG'
  readonly width: number
  readonly height: number
  /** Bits of a channel. */
  readonly depth: number
  readonly animated: boolean
  /** How it is to be turned to be upright, 1 to 8, as EXIF numbers it; 1 where it is so already. */
  readonly orientation: number
}

const others: readonly [name: string, start: readonly number[], at: number][] = [
  ['a GIF', [0x47, 0x49, 0x46, 0x38], 0],
  ['a WebP image', [0x57, 0x45, 0x42, 0x50], 8],
  ['a BMP image', [0x42, 0x4d], 0],
  ['a TIFF image', [0x49, 0x49, 0x2a, 0], 0],
  ['a TIFF image', [0x4d, 0x4d, 0, 0x2a], 0],
  ['an HEIC or AVIF image', [0x66, 0x74, 0x79, 0x70], 4],
]

const starts = (bytes: Uint8Array, wanted: readonly number[], at = 0): boolean =>
  wanted.every((byte, i) => bytes[at + i] === byte)

const PNG = [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]

/**
 * Reads what an image says of itself.
 * @throws Error when it is neither PNG nor JPEG, is cut short in its header, or has no pixels or too many.
 */
export function readHeader(bytes: Uint8Array): ImageHeader {
  if (bytes.length === 0) throw new Error('is empty, expected a PNG or JPEG image')
  const header = starts(bytes, PNG)
    ? pngHeader(bytes)
    : starts(bytes, [0xff, 0xd8, 0xff])
      ? jpegHeader(bytes)
      : null
  if (header === null) {
    const kind =
      others.find(([, start, at]) => starts(bytes, start, at))?.[0] ?? foreignKind(bytes) ?? 'no image'
    throw new Error(`is ${kind}, expected PNG or JPEG`)
  }
  const { width, height } = header
  if (width === 0 || height === 0) throw new Error(`has ${width} × ${height} pixels: there is nothing to see`)
  if (width * height > MAX_PIXELS)
    throw new Error(`has ${width} × ${height} pixels, expected at most ${MAX_PIXELS / 1e6} million`)
  return header
}

function pngHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length < 33 || view.getUint32(8) !== 13 || !starts(bytes, [0x49, 0x48, 0x44, 0x52], 12))
    throw new Error('is a PNG that is cut short or damaged in its header')
  const [width, height, depth] = [view.getUint32(16), view.getUint32(20), bytes[24]]
  const animated = pngChunks(bytes).some(({ type }) => type === 'acTL')
  return { kind: 'PNG', width, height, depth, animated, orientation: 1 }
}

/** The chunks of a PNG by their types, as far as they are whole. */
export function pngChunks(bytes: Uint8Array): { type: string; data: Uint8Array }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const chunks: { type: string; data: Uint8Array }[] = []
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const end = at + 12 + length
    if (end > bytes.length) break
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) })
    at = end
  }
  return chunks
}

/** The markers at which a frame starts: all but tables and arithmetic conditioning. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

/** Where cameras write how they were held. */
const APP1 = 0xe1
const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0]
const ORIENTATION = 0x0112

/** The orientation of an EXIF segment: an entry of the first directory of the TIFF file in it; 1 where there is none. */
function orientationIn(segment: Uint8Array): number {
  if (!starts(segment, EXIF) || segment.length < 16) return 1
  const tiff = new DataView(segment.buffer, segment.byteOffset + EXIF.length, segment.length - EXIF.length)
  const little = tiff.getUint16(0) === 0x4949
  const directory = tiff.getUint32(4, little)
  if (directory + 2 > tiff.byteLength) return 1
  const entries = tiff.getUint16(directory, little)
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i
    if (at + 12 > tiff.byteLength) return 1
    if (tiff.getUint16(at, little) !== ORIENTATION) continue
    const value = tiff.getUint16(at + 8, little)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}

function jpegHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let orientation = 1
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) break
    const marker = bytes[at + 1]
    if (isFrame(marker)) {
      const [depth, height, width] = [bytes[at + 4], view.getUint16(at + 5), view.getUint16(at + 7)]
      return { kind: 'JPEG', width, height, depth, animated: false, orientation }
    }
    if (marker === APP1) orientation = orientationIn(bytes.subarray(at + 4, at + 2 + view.getUint16(at + 2)))
    // Padding, and the markers that have no length.
    const isBare = marker === 0xff || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)
    at += marker === 0xff ? 1 : isBare ? 2 : 2 + view.getUint16(at + 2)
  }
  throw new Error('is a JPEG that is cut short or damaged in its header')
}
