import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'

/** A place in an input, as a share of its length. */
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

/** Numbers at which lengths, extents and offsets go wrong. */
const edges = [0, 1, 2, 127, 128, 255, 256, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]

type Change = (bytes: Uint8Array) => Uint8Array

const at = (share: number, { length }: { readonly length: number }): number => Math.floor(share * length)

const cut = place.map(
  (share): Change =>
    (bytes) =>
      bytes.slice(0, at(share, bytes)),
)

const flip = fc.tuple(place, fc.nat(7)).map(
  ([share, bit]): Change =>
    (bytes) => {
      const copy = bytes.slice()
      if (copy.length > 0) copy[at(share, copy)] ^= 1 << bit
      return copy
    },
)

const edge = fc.tuple(place, fc.constantFrom(...edges), fc.boolean()).map(
  ([share, value, little]): Change =>
    (bytes) => {
      const copy = bytes.slice()
      const from = at(share, copy)
      if (from + 4 <= copy.length) new DataView(copy.buffer).setUint32(from, value, little)
      return copy
    },
)

const insert = fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 24 })).map(
  ([share, more]): Change =>
    (bytes) =>
      joined(bytes.subarray(0, at(share, bytes)), more, bytes.subarray(at(share, bytes))),
)

const repeat = fc.tuple(place, place).map(
  ([from, to]): Change =>
    (bytes) =>
      joined(bytes, bytes.subarray(at(Math.min(from, to), bytes), at(Math.max(from, to), bytes))),
)

const drop = fc.tuple(place, fc.integer({ min: 1, max: 16 })).map(
  ([share, count]): Change =>
    (bytes) =>
      joined(bytes.subarray(0, at(share, bytes)), bytes.subarray(at(share, bytes) + count)),
)

const changes = fc.array(fc.oneof(cut, flip, edge, insert, repeat, drop), { minLength: 1, maxLength: 4 })

/** Whole inputs with some things wrong in them, and bytes that never were one; checksums of half are right again. */
export function damaged(whole: readonly Uint8Array[], seal?: 'sealed'): fc.Arbitrary<Uint8Array> {
  const spoiled = fc.tuple(fc.constantFrom(...whole), changes, fc.boolean()).map(([bytes, list, again]) => {
    const changed = list.reduce((current, change) => change(current), bytes)
    return seal !== undefined && again ? sealedAgain(changed) : changed
  })
  return fc.oneof(
    { weight: 9, arbitrary: spoiled },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  )
}

const KEY = '"crc32":"'

/** The same bytes with the checksum that they have: damage that only the parser can find. */
function sealedAgain(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes)
  const from = copy.indexOf(KEY) + KEY.length
  if (from < KEY.length || from + 8 > copy.length) return bytes
  copy.write('00000000', from, 'latin1')
  copy.write(crc32(copy).toString(16).padStart(8, '0'), from, 'latin1')
  return new Uint8Array(copy)
}

/** Whole texts with some things wrong in their bytes or their values, and JSON that never was one. */
export function damagedText(whole: readonly string[]): fc.Arbitrary<string> {
  const bytes = damaged(whole.map((text) => new TextEncoder().encode(text))).map((changed) =>
    new TextDecoder().decode(changed),
  )
  const values = fc
    .tuple(fc.constantFrom(...whole), place, fc.jsonValue(), fc.string())
    .map(([text, share, value, name]) => {
      const object = JSON.parse(text) as Record<string, unknown>
      const names = [...Object.keys(object), name]
      return JSON.stringify({ ...object, [names[at(share, names)]]: value })
    })
  return fc.oneof(bytes, values, fc.json())
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
