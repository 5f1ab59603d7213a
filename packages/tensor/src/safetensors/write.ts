import { notATensor } from '../check-tensor.ts'
import { describeValue } from '../describe.ts'
import type { DType } from '../dtype.ts'
import type { Tensor } from '../tensor.ts'
import { written } from './dtypes.ts'
import { quote, SafetensorsError } from './error.ts'
import { MAX_HEADER, METADATA } from './header.ts'

/** Bytes in memory of their own, said so that TypeScript before 5.7 understands it too. */
export type OwnBytes = ReturnType<Uint8Array['slice']>

const alignment: readonly DType[] = [...written.keys()]

/**
 * A safetensors file of named tensors, byte for byte as the format's own library writes it: by dtype, the largest
 * alignment first, then by name, the header filled with spaces to a multiple of 8.
 * @throws SafetensorsError for a name or metadata that the format cannot hold; TypeError for a value of another kind.
 */
export function saveSafetensors(
  record: Readonly<Record<string, Tensor<DType>>>,
  metadata?: Readonly<Record<string, string>>,
): OwnBytes {
  if (typeof record !== 'object' || record === null || Symbol.iterator in record) {
    throw new TypeError(`safetensors: the record is ${describeValue(record)}, expected tensors by name`)
  }
  const tensors = Object.entries(record)
  for (const [name, value] of tensors) checkMember(name, value)
  tensors.sort(
    ([p, a], [q, b]) => alignment.indexOf(a.dtype) - alignment.indexOf(b.dtype) || compareUtf8(p, q),
  )
  const header = headerBytes(tensors, metadata)
  const bytes = new Uint8Array(
    8 + header.length + tensors.reduce((size, [, { data }]) => size + data.byteLength, 0),
  )
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true)
  bytes.set(header, 8)
  let at = 8 + header.length
  for (const [, { data }] of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}

function checkMember(name: string, value: unknown): void {
  const odd = notATensor(quote(name), value)
  if (odd !== null) throw new TypeError(`safetensors: ${odd}`)
  if (name === METADATA) throw new SafetensorsError(`no tensor can be named ${METADATA}`)
  checkText(name, `the name ${quote(name)}`)
}

function checkText(text: string, what: string): void {
  if (!text.isWellFormed())
    throw new SafetensorsError(`${what} has an unpaired surrogate, which UTF-8 cannot hold`)
}

/** The header's members by hand: an object literal would move integer-like names to the front. */
function headerBytes(
  tensors: readonly (readonly [string, Tensor<DType>])[],
  metadata: Readonly<Record<string, string>> | undefined,
): Uint8Array {
  const members = metadata === undefined ? [] : [`"${METADATA}":${metadataText(metadata)}`]
  let begin = 0
  for (const [name, { dtype, shape, data }] of tensors) {
    const end = begin + data.byteLength
    const entry = { dtype: written.get(dtype), shape, data_offsets: [begin, end] }
    members.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`)
    begin = end
  }
  const text = new TextEncoder().encode(`{${members.join(',')}}`)
  const size = Math.ceil(text.length / 8) * 8
  if (size > MAX_HEADER)
    throw new SafetensorsError(`the header would have ${size} bytes, at most ${MAX_HEADER}`)
  const padded = new Uint8Array(size).fill(0x20)
  padded.set(text)
  return padded
}

function metadataText(metadata: Readonly<Record<string, string>>): string {
  if (typeof metadata !== 'object' || metadata === null || Symbol.iterator in metadata)
    throw new TypeError(`safetensors: metadata is ${describeValue(metadata)}, expected texts by name`)
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw new TypeError(`safetensors: metadata ${quote(key)} is not a string`)
    checkText(key, `the metadata key ${quote(key)}`)
    checkText(value, `metadata ${quote(key)}`)
  }
  return JSON.stringify(metadata)
}

/** Orders names by their UTF-8 bytes, which is by code points; `<` orders by UTF-16 units, which differs. */
function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  let i = 0
  while (i < length && a[i] === b[i]) i++
  if (i === length) return a.length - b.length
  // Behind an equal high surrogate both are low ones: code units decide then too.
  return a.codePointAt(i)! - b.codePointAt(i)!
}
