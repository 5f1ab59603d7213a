/** No file here comes near it: where a decompression that never ends is stopped. */
const MAX_BYTES = 2 ** 30

/** How often a place is tried that looks like the start of a member and is none: once in 2²⁴ bytes of chance. */
const GUESSES = 64

/** True when the bytes start as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/**
 * The bytes inside a gzip file, in Node and in browsers alike: those of all its members, one after the other.
 * @throws Error when the stream is damaged, cut short, followed by what is no member, or longer than `limit` bytes.
 */
export async function gunzip(
  bytes: Uint8Array,
  name: string,
  limit: number = MAX_BYTES,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  let rest = bytes
  do {
    const member = await firstMember(rest, name, limit - size, limit)
    chunks.push(...member.chunks)
    size += member.size
    rest = rest.subarray(member.length)
  } while (rest.length > 0)
  return join(chunks, size)
}

interface Member {
  /** Its bytes in the file. */
  readonly length: number
  readonly chunks: readonly Uint8Array[]
  /** Its bytes when decompressed. */
  readonly size: number
}

/**
 * The member that `bytes` start with. A DecompressionStream takes exactly one, and does not say where it ended: so each
 * place is tried at which another could begin, and the end last. Only one of them can be right.
 */
async function firstMember(bytes: Uint8Array, name: string, room: number, limit: number): Promise<Member> {
  // mutant: constant is equivalent because no member is shorter than 18 bytes
  let from = 1
  for (let guess = 0; ; guess++) {
    const next = guess < GUESSES ? startOfMember(bytes, from) : null
    const length = next ?? bytes.length
    const content = await decompress(bytes.subarray(0, length), room)
    if (content === 'too long') {
      throw new Error(`${name}: holds more than ${limit} bytes when decompressed, refused`)
    }
    if (!(content instanceof Error)) return { length, ...content }
    if (next === null) {
      throw new Error(`${name}: is a damaged or truncated gzip file (${reason(content)})`, { cause: content })
    }
    // mutant: constant `1` → `2` is equivalent because 0x8b and 8 start no member
    from = next + 1
  }
}

/** Where three bytes from `from` on are those of gzip with its one method; null where there are none. */
function startOfMember(bytes: Uint8Array, from: number): number | null {
  // mutant: constant `1` → `2` is equivalent because a member ends with the highest byte of its size, which is 0x1f for none below 496 MiB
  for (let at = bytes.indexOf(0x1f, from); at >= 0; at = bytes.indexOf(0x1f, at + 1)) {
    if (bytes[at + 1] === 0x8b && bytes[at + 2] === 8) return at
  }
  return null
}

type Content = Omit<Member, 'length'>

async function decompress(bytes: Uint8Array, room: number): Promise<Content | Error | 'too long'> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'))
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (let { value } = await reader.read(); value !== undefined; { value } = await reader.read()) {
      chunks.push(value)
      size += value.length
      if (size > room) {
        await reader.cancel()
        return 'too long'
      }
    }
  } catch (error) {
    return error as Error
  }
  // Node 20 lets zeros pass behind the end: the last four bytes are then not the size, which they must be.
  const stated = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0, true)
  return stated === size ? { chunks, size } : new Error('its end does not state its size')
}

function reason(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    all.set(chunk, offset)
    offset += chunk.length
  }
  return all
}
