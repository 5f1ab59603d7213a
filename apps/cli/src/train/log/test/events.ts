/** An event of an event file, as its bytes say. */
export interface Read {
  readonly time: number
  readonly step: number | undefined
  readonly version: string | undefined
  readonly values: Readonly<Record<string, number>>
}

/** CRC-32C bit by bit, the polynomial as RFC 3720 writes it, and the bits turned before and after. */
export function slowCrc32c(bytes: Uint8Array): number {
  const turned = (value: number, width: number): number =>
    Number.parseInt(value.toString(2).padStart(width, '0').split('').reverse().join(''), 2)
  let remainder = 0xffffffffn
  for (const byte of bytes) {
    remainder ^= BigInt(turned(byte, 8)) << 24n
    for (let bit = 0; bit < 8; bit++) {
      remainder <<= 1n
      if (remainder & 0x100000000n) remainder ^= 0x11edc6f41n
    }
  }
  return turned(Number(remainder ^ 0xffffffffn), 32)
}

const masked = (crc: number): number =>
  Number((((BigInt(crc) >> 15n) | (BigInt(crc) << 17n)) + 0xa282ead8n) & 0xffffffffn)

/** The data of the records of a TFRecord file; throws where it is not one. */
export function recordsIn(file: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(file)
  const records: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at))
    const data = bytes.subarray(at + 12, at + 12 + length)
    const sums = [bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 12 + length)]
    const right = [bytes.subarray(at, at + 8), data].map((part) => masked(slowCrc32c(part)))
    if (sums.join() !== right.join())
      throw new Error(`record at ${at}: checksums ${sums.join()}, expected ${right.join()}`)
    records.push(data)
    at += 12 + length + 4
  }
  return records
}

/** The fields of a protobuf message: number, and value as its type has it. */
function fieldsIn(message: Uint8Array): [field: number, value: number | Buffer][] {
  const bytes = Buffer.from(message)
  const fields: [number, number | Buffer][] = []
  let at = 0
  const varint = (): number => {
    for (let [value, scale] = [0, 1]; ; scale *= 128) {
      const byte = bytes.readUInt8(at++)
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const [tag, type] = ((key) => [key >> 3, key & 7])(varint())
    if (type === 0) fields.push([tag, varint()])
    else if (type === 1) fields.push([tag, bytes.readDoubleLE((at += 8) - 8)])
    else if (type === 5) fields.push([tag, bytes.readFloatLE((at += 4) - 4)])
    else if (type === 2) {
      const length = varint()
      fields.push([tag, bytes.subarray(at, (at += length))])
    } else throw new Error(`field ${tag} has type ${type}`)
  }
  return fields
}

/** One event of tensorflow's event.proto: wall_time 1, step 2, file_version 3, summary 5 with values 1 of tag 1 and simple_value 2. */
export function readEvent(data: Uint8Array): Read {
  const of = (message: Uint8Array, wanted: number) => fieldsIn(message).filter(([field]) => field === wanted)
  const only = (message: Uint8Array, wanted: number) => of(message, wanted)[0]?.[1]
  const summary = only(data, 5) as Buffer | undefined
  const values = summary === undefined ? [] : of(summary, 1).map(([, value]) => value as Buffer)
  return {
    time: only(data, 1) as number,
    step: only(data, 2) as number | undefined,
    version: (only(data, 3) as Buffer | undefined)?.toString(),
    values: Object.fromEntries(values.map((value) => [String(only(value, 1)), only(value, 2) as number])),
  }
}

/** All events of an event file. */
export const eventsIn = (file: Uint8Array): Read[] => recordsIn(file).map(readEvent)
