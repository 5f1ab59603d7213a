/** Letters that are one byte each; two more say that the next letter's byte lies 88 or 176 above. */
const SINGLE = 88
/** So that what kernels are full of, SIMD's prefix 0xfd and small numbers, is one letter. */
const FIRST = 0xfd

/** From `#` on, without the backslash: what stands between quotation marks as it is. */
function letter(value: number): string {
  const code = value + 35
  return String.fromCharCode(code < 92 ? code : code + 1)
}

/**
 * Bytes as letters, for a source file. Equal bytes are equal letters wherever they stand, which base64 hides from gzip,
 * and most are one, where hexadecimal has two: a bundle is gzipped once more than half the bytes.
 */
export function toLetters(bytes: Uint8Array): string {
  const words = Array.from(bytes, (byte) => {
    const place = (byte - FIRST) & 255
    const high = Math.floor(place / SINGLE)
    return (high === 0 ? '' : letter(SINGLE + high - 1)) + letter(place % SINGLE)
  })
  return words.join('')
}

/** The bytes of `toLetters`. */
export function fromLetters(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = []
  let above = FIRST
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const value = code - (code < 92 ? 35 : 36)
    if (value < SINGLE) {
      bytes.push((above + value) & 255)
      above = FIRST
    } else above = FIRST + (value - SINGLE + 1) * SINGLE
  }
  return Uint8Array.from(bytes)
}
