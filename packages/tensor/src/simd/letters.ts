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

/** A stretch of bytes that is found elsewhere is worth naming from so many on. */
const STRETCH = 10
/** One byte says how many. */
const MOST = 255

/**
 * Bytes as what differs from others, in letters: again and again how many new ones, these, how far to go on in the others
 * (two bytes), how many to take there. Two builds of the same kernels are so a sixth more than one.
 * @throws RangeError where the others are so many that two bytes do not reach.
 */
export function difference(from: Uint8Array, to: Uint8Array): string {
  if (from.length > 1 << 15) throw new RangeError(`${from.length} bytes, expected at most ${1 << 15}`)
  const key = (bytes: Uint8Array, at: number): string => bytes.subarray(at, at + STRETCH).join()
  const places = Map.groupBy(from.keys(), (at) => key(from, at))
  const said: number[] = []
  let [read, fresh] = [0, [] as number[]]
  const say = (at: number, count: number): void => {
    const jump = at - read
    said.push(fresh.length, ...fresh, (jump >> 8) & 255, jump & 255, count)
    ;[read, fresh] = [at + count, []]
  }
  for (let i = 0; i < to.length; ) {
    const alike = (at: number): number => {
      let n = 0
      while (n < MOST && i + n < to.length && from[at + n] === to[i + n]) n++
      return n
    }
    const [at, count] = [read, ...(places.get(key(to, i)) ?? [])]
      .map((place) => [place, alike(place)] as const)
      .reduce((best, one) => (one[1] > best[1] ? one : best))
    if (count >= STRETCH) {
      say(at, count)
      i += count
    } else if (fresh.push(to[i++]) === MOST) say(read, 0)
  }
  if (fresh.length > 0) say(read, 0)
  return toLetters(Uint8Array.from(said))
}

/** The bytes of which `difference` says how they differ from `from`. */
export function fromDifference(from: Uint8Array, text: string): Uint8Array<ArrayBuffer> {
  const said = fromLetters(text)
  const bytes: number[] = []
  let read = 0
  for (let i = 0; i < said.length; i += 4 + said[i]) {
    const [high, low, count] = said.subarray(i + 1 + said[i])
    read += ((high << 24) >> 16) + low
    bytes.push(...said.subarray(i + 1, i + 1 + said[i]), ...from.subarray(read, read + count))
    read += count
  }
  return Uint8Array.from(bytes)
}
