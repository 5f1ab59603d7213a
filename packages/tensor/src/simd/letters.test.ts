import { expect, it } from 'vitest'
import { fromLetters, toLetters } from './letters.ts'

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
