import { deflateSync } from 'node:zlib'
import { describe, expect, it, test } from 'vitest'
import { jpegOf, pngOf } from '../test/images.ts'
import { decodeImage, type GreyImage } from './decode.ts'
import { fitInto, looksInverted } from './fit.ts'
import { picture } from './picture.ts'

const grey = async (bytes: Uint8Array, background = 0): Promise<number[]> =>
  [...(await decodeImage(bytes, background)).grey].map((value) => Math.round(value * 100) / 100)

test('grey, colours and what lies behind a transparent pixel', async () => {
  expect(await grey(pngOf(2, 1, (x) => [10, 200][x]))).toEqual([10, 200])
  const colours = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
  ]
  expect(await grey(pngOf(3, 1, (x) => colours[x]))).toEqual([76.25, 149.68, 29.07])
  const half = pngOf(3, 1, (x) => [100, [255, 51, 0][x]])
  expect(await grey(half)).toEqual([100, 20, 0])
  expect(await grey(half, 200)).toEqual([100, 180, 200])
  const clear = pngOf(1, 1, () => [255, 255, 255, 51])
  expect([await grey(clear), await grey(clear, 100)]).toEqual([[51], [131]])
})

test('16 bits are said and taken at 8', async () => {
  const image = await decodeImage(
    pngOf(2, 1, (x) => [0x1234, 0xffff][x], 16),
    0,
  )
  expect([...image.grey].map(Math.round)).toEqual([0x12, 255])
  expect(image.notes).toEqual(['has 16 bits a channel, and is taken at 8'])
})

/** The same PNG with a chunk of that type behind its header; its sum is not looked at by us. */
function withChunk(bytes: Uint8Array, type: string, data: Uint8Array): Uint8Array {
  const chunk = Buffer.alloc(12 + data.length)
  chunk.writeUInt32BE(data.length)
  chunk.write(type, 4, 'latin1')
  chunk.set(data, 8)
  chunk.writeUInt32BE(crc(chunk.subarray(4, 8 + data.length)), 8 + data.length)
  return new Uint8Array(Buffer.concat([bytes.subarray(0, 33), chunk, bytes.subarray(33)]))
}

function crc(bytes: Uint8Array): number {
  let value = -1
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0)
  }
  return ~value >>> 0
}

test('an animated one is said, and its first picture counts', async () => {
  const frames = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0)
  const image = await decodeImage(
    withChunk(
      pngOf(1, 1, () => 7),
      'acTL',
      frames,
    ),
    0,
  )
  expect([[...image.grey], image.notes]).toEqual([[7], ['is animated: the first picture counts']])
})

/** An EXIF segment whose second entry says how the camera was held. */
function exif(orientation: number, little: boolean, entries = 2): Uint8Array {
  const tiff = new DataView(new ArrayBuffer(8 + 2 + 12 * 2 + 4))
  tiff.setUint16(0, little ? 0x4949 : 0x4d4d)
  tiff.setUint16(2, 42, little)
  tiff.setUint32(4, 8, little)
  tiff.setUint16(8, entries, little)
  // A width of that very number first: only the tag tells which it is.
  for (const [i, [tag, value]] of [[0x0100, 8], [0x0112, orientation]].entries()) {
    const at = 10 + 12 * i
    tiff.setUint16(at, tag, little)
    tiff.setUint16(at + 2, 3, little)
    tiff.setUint32(at + 4, 1, little)
    tiff.setUint16(at + 8, value, little)
  } // biome-ignore format: an entry each
  const body = [0x45, 0x78, 0x69, 0x66, 0, 0, ...new Uint8Array(tiff.buffer)]
  return Uint8Array.of(0xff, 0xe1, 0, body.length + 2, ...body)
}

const withSegment = (image: Uint8Array, segment: Uint8Array): Uint8Array =>
  Uint8Array.of(...image.subarray(0, 2), ...segment, ...image.subarray(2))

describe('a photograph stands as its camera was held', () => {
  // Three areas of 8 by 8 pixels side by side, two rows of them: each letter its own grey.
  const greys: Record<string, number> = { a: 0, b: 50, c: 100, d: 150, e: 200, f: 250 }
  const photograph = (rows: readonly string[]): Uint8Array =>
    jpegOf(8 * rows[0].length, 8 * rows.length, (x, y) => greys[rows[y >> 3][x >> 3]])
  const seen = ({ width, height, grey: values }: GreyImage): string[] =>
    Array.from({ length: height / 8 }, (_, y) =>
      Array.from({ length: width / 8 }, (__, x) => {
        const value = values[(8 * y + 4) * width + 8 * x + 4]
        return Object.keys(greys).find((name) => Math.abs(greys[name] - value) < 12)
      }).join(''),
    )

  // As EXIF draws its eight: which row and which column of what is seen the first row and column of the file are.
  it.each([
    [1, ['abc', 'def']],
    [2, ['cba', 'fed']],
    [3, ['fed', 'cba']],
    [4, ['def', 'abc']],
    [5, ['ad', 'be', 'cf']],
    [6, ['da', 'eb', 'fc']],
    [7, ['fc', 'eb', 'da']],
    [8, ['cf', 'be', 'ad']],
  ] as const)('%d', async (orientation, expected) => {
    const bytes = photograph(['abc', 'def'])
    for (const little of [true, false])
      expect(seen(await decodeImage(withSegment(bytes, exif(orientation, little)), 0))).toEqual(expected)
  })

  it('what is no orientation, or is cut short, turns nothing', async () => {
    const bytes = photograph(['abc', 'def'])
    const cut = exif(6, true).slice(0, 30)
    cut[3] = cut.length - 2
    const far = exif(6, true)
    far[14] = 200
    const own = exif(6, true)
    own[4] = 0x58
    for (const segment of [exif(0, true), exif(9, true), exif(6, true, 1), cut, far, own])
      expect(seen(await decodeImage(withSegment(bytes, segment), 0))).toEqual(['abc', 'def'])
    expect(seen(await decodeImage(withSegment(bytes, exif(6, true, 9)), 0))).toEqual(['da', 'eb', 'fc'])
  })
})

test('JPEG: nearly what it was', async () => {
  const image = await decodeImage(
    jpegOf(32, 16, (x) => (x < 16 ? 40 : 220)),
    0,
  )
  expect([image.width, image.height, image.notes]).toEqual([32, 16, []])
  for (const [at, value] of [
    [5, 40],
    [32 * 15 + 30, 220],
  ])
    expect(Math.abs(image.grey[at] - value)).toBeLessThan(4)
})

/** A PNG whose header says these extents. */
function stated(width: number, height: number, bytes: Uint8Array = pngOf(2, 2, () => 9)): Uint8Array {
  const copy = Buffer.from(bytes)
  copy.writeUInt32BE(width, 16)
  copy.writeUInt32BE(height, 20)
  copy.writeUInt32BE(crc(copy.subarray(12, 29)), 29)
  return new Uint8Array(copy)
}

test.each<[string, Uint8Array, RegExp]>([
  ['nothing', new Uint8Array(0), /^is empty, expected a PNG or JPEG image$/],
  ['a text', new TextEncoder().encode('hello there'), /^is no image, expected PNG or JPEG$/],
  ['a GIF', new TextEncoder().encode('GIF89a.....'), /^is a GIF, expected PNG or JPEG$/],
  ['a WebP', new TextEncoder().encode('RIFF....WEBPVP8 '), /^is a WebP image, expected PNG or JPEG$/],
  ['a HEIC', new TextEncoder().encode('....ftypheic....'), /^is an HEIC or AVIF image, expected/],
  ['64,000,001 pixels', stated(64_000_001, 1), /^has 64000001 × 1 pixels, expected at most 64 million$/],
  ['2³² − 1 each way', stated(2 ** 32 - 1, 2 ** 32 - 1), /pixels, expected at most 64 million$/],
  ['no width', stated(0, 5), /^has 0 × 5 pixels: there is nothing to see$/],
  [
    '64 million that are not there',
    stated(8000, 8000),
    /^cannot be decoded as PNG: 6 bytes of pixels are there/,
  ],
  [
    'half a PNG header',
    pngOf(2, 2, () => 1).slice(0, 30),
    /^is a PNG that is cut short or damaged in its header$/,
  ],
  ['half a JPEG header', jpegOf(9, 9, () => 1).slice(0, 30), /^is a JPEG that is cut short or damaged/],
  ['half a PNG', pngOf(30, 30, (x, y) => (x * y * 31) % 256).slice(0, 200), /^cannot be decoded as PNG: /],
  ['half a JPEG', jpegOf(64, 64, (x) => x).slice(0, 640), /^cannot be decoded as JPEG: /],
])('%s is refused in one line', async (_, bytes, message) => {
  await expect(decodeImage(bytes, 0)).rejects.toThrow(message)
})

test('gigabytes of zeros in a few bytes are refused before they are there', async () => {
  const bomb = deflateSync(Buffer.alloc(64 * 2 ** 20))
  const bytes = withChunk(
    pngOf(2, 2, () => 9),
    'IDAT',
    bomb,
  )
  await expect(decodeImage(bytes, 0)).rejects.toThrow(
    /^cannot be decoded as PNG: Cannot create a Buffer larger than/,
  )
})

test('an image is made as large as fits, in the middle, each value the mean of what it covers', () => {
  const of = (width: number, height: number, values: number[]) => ({
    width,
    height,
    grey: Float32Array.from(values),
  })
  expect([...fitInto(of(2, 2, [1, 2, 3, 4]), 2, 0)]).toEqual([1, 2, 3, 4])
  expect([...fitInto(of(4, 2, [0, 4, 8, 12, 20, 24, 28, 32]), 2, 9)]).toEqual([12, 20, 9, 9])
  expect([...fitInto(of(1, 1, [7]), 3, 0)]).toEqual(Array(9).fill(7))
  // Three columns into two: the middle one goes half to each.
  expect([...fitInto(of(3, 3, [30, 60, 90, 30, 60, 90, 30, 60, 90]), 2, 0)]).toEqual([40, 80, 40, 80])
  expect([...fitInto(of(1, 3, [10, 20, 30]), 3, 5)]).toEqual([5, 10, 5, 5, 20, 5, 5, 30, 5])
  expect([...fitInto(of(1, 1000, Array(1000).fill(50)), 2, 0)]).toEqual([50, 0, 50, 0])
})

test('dark on light looks inverted; light on dark, and all light, do not', () => {
  const square = (rim: number, middle: number): Uint8Array =>
    Uint8Array.from({ length: 25 }, (_, i) => (i % 5 === 0 || i % 5 === 4 || i < 5 || i >= 20 ? rim : middle))
  expect(looksInverted(square(255, 0), 5)).toBe(true)
  expect(looksInverted(square(128, 127), 5)).toBe(true)
  expect(looksInverted(square(127, 0), 5)).toBe(false)
  expect(looksInverted(square(255, 255), 5)).toBe(false)
  expect(looksInverted(square(0, 255), 5)).toBe(false)
})

test('a picture is two rows a line, from dark to light', () => {
  const grey4 = Uint8Array.from([0, 255, 128, 0, 0, 255, 128, 255, 255, 0, 0, 0, 255, 0, 0, 0])
  expect(picture(grey4, 4, false)).toEqual([' █▒▒', '█'])
  expect(picture(grey4, 4, true)).toEqual([' @+=', '@'])
})
