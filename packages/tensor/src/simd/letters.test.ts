import { expect, it } from 'vitest'
import { difference, fromDifference, fromLetters, toLetters } from './letters.ts'

const every = Uint8Array.from({ length: 3 * 256 }, (_, i) => i ^ (i >> 8))

it('gives every byte back, whatever stands before it', () => {
  expect(fromLetters(toLetters(every))).toEqual(every)
  const pairs = Uint8Array.from({ length: 2 * 256 * 256 }, (_, i) => (i % 2 === 0 ? i >> 9 : (i >> 1) & 255))
  expect(fromLetters(toLetters(pairs)).every((byte, i) => byte === pairs[i])).toBe(true)
  expect(fromLetters('')).toEqual(new Uint8Array(0))
})

it('takes one letter for 0xfd and for numbers up to 84, two for others', () => {
  const lengths = Array.from({ length: 256 }, (_, byte) => toLetters(Uint8Array.of(byte)).length)
  expect(lengths.map((length, byte) => (length === 1 ? byte : -1)).filter((byte) => byte >= 0)).toEqual([
    ...Array.from({ length: 85 }, (_, i) => i),
    0xfd,
    0xfe,
    0xff,
  ])
  expect(lengths.every((length) => length <= 2)).toBe(true)
  expect(toLetters(Uint8Array.of(0xfd, 0, 0x54, 0x55, 0xac, 0xad, 0xfc))).toBe('#&{|#|{}#}s')
})

it('writes nothing that a string in quotation marks would escape', () => {
  expect(toLetters(every)).toMatch(/^[#-[\]-~]+$/)
  expect(JSON.stringify(toLetters(every))).toBe(`"${toLetters(every)}"`)
})

/** Bytes that repeat nowhere for long. */
const noise = (length: number, seed: number): Uint8Array<ArrayBuffer> => {
  let h = seed
  return Uint8Array.from({ length }, () => {
    h = Math.imul(h ^ (h >>> 15), 0x735a2d97) + 1
    return h >>> 24
  })
}
const joined = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(parts.flatMap((part) => [...part]))

it('says how bytes differ from others, however they do', () => {
  const from = noise(32_768, 1)
  const cases = [
    new Uint8Array(0),
    from,
    noise(2000, 2),
    joined(from.subarray(0, 9), noise(1, 3), from.subarray(9, 19), noise(255, 4), from.subarray(40, 700)),
    joined(noise(256, 5), from.subarray(32_758), from.subarray(0, 255), from.subarray(16_000, 16_011)),
    joined(from.subarray(300, 556), from.subarray(0, 10), noise(257, 6)),
  ]
  for (const to of cases) {
    expect(fromDifference(from, difference(from, to))).toEqual(to)
    expect(fromDifference(to, difference(to, from))).toEqual(from)
  }
  expect(fromDifference(new Uint8Array(0), difference(new Uint8Array(0), from))).toEqual(from)
  expect(() => difference(noise(32_769, 1), from)).toThrow('32769 bytes, expected at most 32768')
})

it('says little where little differs', () => {
  const from = noise(5000, 7)
  const to = joined(from.subarray(0, 1000), noise(3, 8), from.subarray(1002))
  const said = [...fromLetters(difference(from, to))]
  // 255 at a time; then three in the place of two.
  expect(said.slice(0, 16)).toEqual([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 235])
  expect(said.slice(16, 23)).toEqual([3, ...noise(3, 8), 0, 2, 255])
  expect(said).toHaveLength(4 * 20 + 3)
})
