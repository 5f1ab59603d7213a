const HEADER = 54
const PALETTE = 4 * 256

/** A square grey image, of a side that 4 divides, as the address of a picture: an uncompressed bitmap, whose rows begin at the foot. */
export function bitmapOf(pixels: Uint8Array, side: number): string {
  const bytes = new Uint8Array(HEADER + PALETTE + side * side)
  const header = new DataView(bytes.buffer)
  bytes.set([0x42, 0x4d])
  header.setUint32(2, bytes.length, true)
  header.setUint32(10, HEADER + PALETTE, true)
  header.setUint32(14, HEADER - 14, true)
  header.setInt32(18, side, true)
  header.setInt32(22, side, true)
  header.setUint16(26, 1, true)
  header.setUint16(28, 8, true)
  for (let grey = 0; grey < 256; grey++) bytes.fill(grey, HEADER + 4 * grey, HEADER + 4 * grey + 3)
  for (let row = 0; row < side; row++)
    bytes.set(pixels.subarray(row * side, (row + 1) * side), HEADER + PALETTE + (side - 1 - row) * side)
  return `data:image/bmp;base64,${Buffer.from(bytes).toString('base64')}`
}
