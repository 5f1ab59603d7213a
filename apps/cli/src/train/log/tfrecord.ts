import { maskedCrc32c } from './crc32c.ts'

/** Bytes before the data of a record: its length, and a checksum of that. */
const HEAD = 12

/** A TFRecord: the length as 64 bits, its checksum, the data, its checksum; the lowest byte first. */
export function tfrecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEAD + data.length + 4)
  const view = new DataView(record.buffer)
  view.setUint32(0, data.length, true)
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true)
  record.set(data, HEAD)
  view.setUint32(HEAD + data.length, maskedCrc32c(data), true)
  return record
}

/** The data of the first record of a file; null where there is no whole one. */
export function firstRecord(file: Uint8Array): Uint8Array | null {
  if (file.length < HEAD) return null
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const end = HEAD + view.getUint32(0, true)
  const isWhole = view.getUint32(8, true) === maskedCrc32c(file.subarray(0, 8)) && file.length >= end + 4
  const data = isWhole ? file.subarray(HEAD, end) : null
  return data !== null && view.getUint32(end, true) === maskedCrc32c(data) ? data : null
}
