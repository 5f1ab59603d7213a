/** No file here comes near it: where a decompression that never ends is stopped. */
const MAX_BYTES = 2 ** 30

/** True when the bytes start as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/**
 * The bytes inside a gzip file, in Node and in browsers alike.
 * @throws Error when the stream is damaged, cut short, followed by anything, or longer than `limit` bytes.
 */
export async function gunzip(
  bytes: Uint8Array,
  name: string,
  limit: number = MAX_BYTES,
): Promise<Uint8Array> {
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
      if (size > limit) break
    }
  } catch (error) {
    throw new Error(`${name}: is a damaged or truncated gzip file (${reason(error)})`, { cause: error })
  }
  if (size > limit) {
    await reader.cancel()
    throw new Error(`${name}: holds more than ${limit} bytes when decompressed, refused`)
  }
  return join(chunks, size)
}

function reason(error: unknown): string {
  const { cause, message } = error as Error
  return cause instanceof Error ? cause.message : message
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
