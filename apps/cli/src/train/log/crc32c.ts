/** Castagnoli's polynomial, its bits reversed. */
const POLYNOMIAL = 0x82f63b78

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1
  return remainder
})

/** CRC-32C, as iSCSI (RFC 3720) and TFRecord have it. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = -1
  for (const byte of bytes) remainder = table[(remainder ^ byte) & 255] ^ (remainder >>> 8)
  return ~remainder >>> 0
}

/** The same, turned and moved: TFRecord's checksum of data that may hold checksums itself. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
