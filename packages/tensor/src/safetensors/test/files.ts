export const utf8: Pick<InstanceType<typeof TextEncoder>, 'encode'> = new TextEncoder()

/** A file of this header and these data bytes, whatever they say. */
export function file(header: string | Uint8Array, data: ArrayLike<number> = []): Uint8Array {
  const text = typeof header === 'string' ? utf8.encode(header) : header
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes
}

/** A file of one tensor named x. */
export function one(dtype: string, shape: readonly number[], data: ArrayLike<number>): Uint8Array {
  return file(JSON.stringify({ x: { dtype, shape, data_offsets: [0, data.length] } }), data)
}

/** Text as bytes, one each. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** The data of a tensor of 16 bytes. */
export const zeros16: readonly number[] = Array.from({ length: 16 }, () => 0)
