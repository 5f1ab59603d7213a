import { foreignKind } from '../foreign-bytes.ts'
import { readingOf } from './dtypes.ts'
import { quote, SafetensorsError } from './error.ts'
import { type Json, parseJson } from './json.ts'

/** The largest header that the format's own library reads or writes, in bytes. */
export const MAX_HEADER = 100_000_000

/** The key that no tensor can have. */
export const METADATA = '__metadata__'

/** One tensor of a header: `begin` and `end` count from the first byte behind the header. */
export interface Entry {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

/** A checked header: tensors in the order of their bytes, and where those bytes start. */
export interface Header {
  readonly entries: readonly Entry[]
  readonly metadata: Record<string, string> | undefined
  readonly dataStart: number
}

/**
 * Reads and checks the header of a file: an unsigned 64-bit length, little-endian, and so many bytes of JSON.
 * @throws SafetensorsError when the tensors it names do not cover the rest of the file exactly, each byte once.
 */
export function readHeader(bytes: Uint8Array): Header {
  const { members, dataStart } = readMembers(bytes)
  if (!(members instanceof Map)) throw new SafetensorsError('the header is not a JSON object')
  const metadata = members.has(METADATA) ? readMetadata(members.get(METADATA)!) : undefined
  members.delete(METADATA)
  const entries = Array.from(members, ([name, value]) => readEntry(name, value))
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  checkCover(entries, bytes.length - dataStart)
  return { entries, metadata, dataStart }
}

/** A file that is none may be known by its start; that of a good one could be anything. */
function readMembers(bytes: Uint8Array): { members: Json; dataStart: number } {
  try {
    const { text, dataStart } = headerText(bytes)
    return { members: parseJson(text), dataStart }
  } catch (error) {
    const kind = foreignKind(bytes)
    throw kind === null ? error : new SafetensorsError(`the file is ${kind}`)
  }
}

/** Leading space is let pass, as in the format's reader since writers pad there to align the data to a page. */
function headerText(bytes: Uint8Array): { text: string; dataStart: number } {
  if (bytes.length < 8) {
    throw new SafetensorsError(
      `the file is too small: a header's length takes 8 bytes, there are ${bytes.length}`,
    )
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > MAX_HEADER) {
    throw new SafetensorsError(
      `the header is too large: its length is given as ${length}, at most ${MAX_HEADER}`,
    )
  }
  const dataStart = 8 + Number(length)
  if (dataStart > bytes.length) {
    throw new SafetensorsError(`the header ends at byte ${dataStart}, past the file's end at ${bytes.length}`)
  }
  try {
    // A byte order mark is kept, so that it is refused as JSON; a copy, since shared memory cannot be decoded.
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    return { text: decoder.decode(new Uint8Array(bytes.subarray(8, dataStart))), dataStart }
  } catch {
    throw new SafetensorsError('the header is not UTF-8')
  }
}

function readMetadata(value: Json): Record<string, string> {
  if (!(value instanceof Map)) throw new SafetensorsError(`${METADATA} is not a JSON object`)
  const metadata: Record<string, string> = Object.create(null)
  for (const [key, text] of value) {
    if (typeof text !== 'string')
      throw new SafetensorsError(`${METADATA}: the value of ${quote(key)} is not a string`)
    metadata[key] = text
  }
  return metadata
}

function readEntry(name: string, value: Json): Entry {
  const refuse = (problem: string): never => {
    throw new SafetensorsError(`tensor ${quote(name)}: ${problem}`)
  }
  if (!(value instanceof Map)) return refuse('its entry is not a JSON object')
  const dtype = value.get('dtype')
  if (typeof dtype !== 'string') return refuse('dtype is not a string')
  const shape =
    wholeNumbers(value.get('shape')) ?? refuse('shape is not a list of whole numbers from 0 to 2⁵³ − 1')
  const offsets = wholeNumbers(value.get('data_offsets'))
  if (offsets?.length !== 2) return refuse('data_offsets is not a pair of whole numbers from 0 to 2⁵³ − 1')
  const [begin, end] = offsets as [number, number]
  if (begin > end) refuse(`data_offsets [${begin},${end}] run backwards`)
  const size = byteSize(shape, inTensor(name, () => readingOf(dtype)).bits)
  if (size === undefined)
    return refuse(
      `its size overflows or is not in whole bytes: shape [${shape.join(',').slice(0, 80)}] of ${dtype}`,
    )
  if (size !== end - begin) {
    refuse(`${dtype} [${shape.join(',').slice(0, 80)}] takes ${size} bytes, data_offsets span ${end - begin}`)
  }
  return { name, dtype, shape, begin, end }
}

/** Runs `run`, naming the tensor in its error. */
export function inTensor<T>(name: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error
    throw new SafetensorsError(`tensor ${quote(name)}: ${error.message.replace(/^safetensors: /, '')}`)
  }
}

function wholeNumbers(value: Json | undefined): number[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value.every((item) => typeof item === 'bigint' && item <= Number.MAX_SAFE_INTEGER)
    ? value.map(Number)
    : undefined
}

/** The bytes of a shape, or undefined beyond 2⁵³ and for a size that is not in whole bytes. */
function byteSize(shape: readonly number[], bits: number): number | undefined {
  let count = 1
  for (const extent of shape) {
    count *= extent
    if (count > Number.MAX_SAFE_INTEGER) return undefined
  }
  const size = (count * bits) / 8
  return Number.isSafeInteger(size) ? size : undefined
}

/** Holes and overlaps would let one file be two things; so the format forbids them. */
function checkCover(entries: readonly Entry[], available: number): void {
  let end = 0
  for (const entry of entries) {
    if (entry.begin !== end) {
      const what = entry.begin > end ? 'leaves a hole behind' : 'overlaps'
      throw new SafetensorsError(
        `tensor ${quote(entry.name)} at byte ${entry.begin} ${what} the one that ends at ${end}`,
      )
    }
    end = entry.end
  }
  if (end !== available) {
    const what = end > available ? 'it is cut off' : 'something is appended'
    throw new SafetensorsError(
      `the tensors take ${end} bytes, the file has ${available} behind the header: ${what}`,
    )
  }
}
