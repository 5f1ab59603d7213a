/** The value of a tag at a step. */
export interface Scalar {
  readonly tag: string
  readonly value: number
}

/** The fields of protobuf's wire format that an event needs; a field's number, then its value. */
const key = (field: number, type: 0 | 1 | 2 | 5): number => (field << 3) | type

/** A whole number in groups of seven bits, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return [...bytes, rest]
}

const double = (field: number, value: number): Buffer => {
  const bytes = Buffer.alloc(9, key(field, 1))
  bytes.writeDoubleLE(value, 1)
  return bytes
}

const float = (field: number, value: number): Buffer => {
  const bytes = Buffer.alloc(5, key(field, 5))
  bytes.writeFloatLE(value, 1)
  return bytes
}

const whole = (field: number, value: number): Buffer => Buffer.from([key(field, 0), ...varint(value)])

const inside = (field: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([key(field, 2), ...varint(content.length)]), content])

/** The event that a file begins with: its version. `time` is in seconds since 1970. */
export function versionEvent(time: number): Uint8Array {
  return Buffer.concat([double(1, time), inside(3, Buffer.from('brain.Event:2'))])
}

/** An event that has the values of some tags at a step. */
export function scalarEvent(time: number, step: number, scalars: readonly Scalar[]): Uint8Array {
  const values = scalars.map(({ tag, value }) =>
    inside(1, Buffer.concat([inside(1, Buffer.from(tag)), float(2, value)])),
  )
  return Buffer.concat([double(1, time), whole(2, step), inside(5, Buffer.concat(values))])
}

/** The time of an event that was made here; null for any other. */
export function timeOf(event: Uint8Array): number | null {
  if (event.length < 9 || event[0] !== key(1, 1)) return null
  return new DataView(event.buffer, event.byteOffset, event.length).getFloat64(1, true)
}
