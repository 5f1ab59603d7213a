import type { GreyImage } from './decode.ts'

/**
 * The image on a square of `size` × `size` grey values: as large as it fits, in the middle of `background`, each value the
 * mean of what it covers.
 */
export function fitInto({ width, height, grey }: GreyImage, size: number, background: number): Uint8Array {
  const scale = size / Math.max(width, height)
  const [w, h] = [width, height].map((extent) => Math.max(1, Math.round(extent * scale)))
  const rows = resampled(grey, width, height, h)
  const small = transposed(resampled(transposed(rows, width, h), h, width, w), h, w)
  const square = new Uint8Array(size * size).fill(background)
  const [left, top] = [(size - w) >> 1, (size - h) >> 1]
  for (let row = 0; row < h; row++)
    for (let column = 0; column < w; column++)
      square[(top + row) * size + left + column] = Math.round(small[row * w + column])
  return square
}

/** `count` rows of the mean of the rows of [height,width] that each covers, by the share that it covers. */
function resampled(values: Float32Array, width: number, height: number, count: number): Float32Array {
  const out = new Float32Array(count * width)
  const each = height / count
  for (let row = 0; row < count; row++) {
    const [from, to] = [row * each, (row + 1) * each]
    for (let source = Math.floor(from); source < Math.min(height, Math.ceil(to)); source++) {
      const share = (Math.min(to, source + 1) - Math.max(from, source)) / each
      for (let x = 0; x < width; x++) out[row * width + x] += values[source * width + x] * share
    }
  }
  return out
}

/** [height,width] → [width,height]. */
function transposed(values: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(values.length)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out[x * height + y] = values[y * width + x]
  return out
}

/** Whether the rim of a square image is brighter than its middle: dark on light, where the datasets are light on dark. */
export function looksInverted(grey: Uint8Array, size: number): boolean {
  let [rim, rest, rimCount] = [0, 0, 0]
  for (let i = 0; i < grey.length; i++) {
    const [x, y] = [i % size, Math.floor(i / size)]
    const isRim = x === 0 || y === 0 || x === size - 1 || y === size - 1
    if (isRim) {
      rim += grey[i]
      rimCount++
    } else rest += grey[i]
  }
  const mean = rim / rimCount
  return mean > 127 && mean > rest / (grey.length - rimCount)
}
