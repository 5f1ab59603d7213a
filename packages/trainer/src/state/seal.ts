import { crc32 } from './crc32.ts'
import { RunStateError } from './run-state.ts'

/** The metadata key of the checksum. */
const KEY = 'crc32'

/** What stands in the checksum's place while it is computed. */
const BLANK = '00000000'

/** The bytes that `make` writes, with the checksum of all of them among their metadata. */
export function sealed<B extends Uint8Array>(make: (checksum: Record<string, string>) => B): B {
  const bytes = make({ [KEY]: BLANK })
  write(bytes, placeOf(bytes, BLANK)!, crc32(bytes))
  return bytes
}

/** @throws RunStateError where the bytes have no checksum, or are not those that it is of. */
export function checkSeal(bytes: Uint8Array, metadata: Readonly<Record<string, string>>): void {
  const stated = metadata[KEY]
  const place = stated?.length === BLANK.length ? placeOf(bytes, stated) : null
  if (place === null) throw new RunStateError('is damaged: its metadata has no checksum')
  const blank = bytes.slice()
  write(blank, place, BLANK)
  const found = crc32(blank)
  if (found !== stated)
    throw new RunStateError(`is damaged: its checksum is ${stated}, its bytes give ${found}`)
}

/** Where the checksum stands: a quote within a text of the metadata would be escaped. */
function placeOf(bytes: Uint8Array, checksum: string): number | null {
  const start = `"${KEY}":"`
  const at = indexOf(bytes, `${start}${checksum}"`)
  return at < 0 ? null : at + start.length
}

function indexOf(bytes: Uint8Array, text: string): number {
  const codes = Array.from(text, (letter) => letter.charCodeAt(0))
  for (let at = bytes.indexOf(codes[0]); at >= 0; at = bytes.indexOf(codes[0], at + 1))
    if (codes.every((code, i) => bytes[at + i] === code)) return at
  return -1
}

function write(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i)
}
