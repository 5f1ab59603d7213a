import { crc32 as zlibs } from 'node:zlib'
import { expect, test } from 'vitest'
import { crc32 } from './crc32.ts'

test('the check value of CRC-32, and that of nothing', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe('cbf43926')
  expect(crc32(new Uint8Array(0))).toBe('00000000')
})

test('of every byte, as zlib has it, in eight digits', () => {
  for (let byte = 0; byte < 256; byte++) {
    const bytes = Uint8Array.of(byte, 255, byte ^ 90)
    expect(crc32(bytes)).toBe(zlibs(bytes).toString(16).padStart(8, '0'))
  }
})
