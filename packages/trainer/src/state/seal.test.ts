import { expect, test } from 'vitest'
import { crc32 } from './crc32.ts'
import { checkSeal, sealed } from './seal.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value)

/** A file whose metadata has the checksum behind `before`. */
const made = (before: string): Uint8Array =>
  sealed((checksum) => bytesOf(`${before}${JSON.stringify(checksum).slice(1, -1)},"more":1}`))

test.each(['{', '', '{"note":"crc32 00000000",'])(
  'the checksum is of all bytes with zeros in its place: %j',
  (before) => {
    const bytes = made(before)
    const blank = `${before}"crc32":"00000000","more":1}`
    const stated = crc32(bytesOf(blank))
    expect(text(bytes)).toBe(blank.replace('"crc32":"00000000"', `"crc32":"${stated}"`))
    expect(() => checkSeal(bytes, { crc32: stated })).not.toThrow()
    const other = bytes.slice()
    other[other.length - 2] ^= 1
    expect(() => checkSeal(other, { crc32: stated })).toThrow(`is damaged: its checksum is ${stated}`)
  },
)

test('no checksum, or one that is not where it is said to be', () => {
  const bytes = made('{')
  for (const metadata of [{}, { crc32: 'short' }, { crc32: '12345678' }])
    expect(() => checkSeal(bytes, metadata)).toThrow('is damaged: its metadata has no checksum')
})
