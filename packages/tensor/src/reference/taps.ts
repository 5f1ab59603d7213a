import { allocate, type FloatArray } from '../dtype.ts'
import { Tensor } from '../tensor.ts'
import type { Window } from '../window.ts'

/** The first tap of each window that is not in the padding, [Ho·Wo]: what torch starts its maximum from. */
function firstTaps({ sh, sw, ph, pw, dh, dw, Kw, Ho, Wo }: Window): Int32Array {
  const first = new Int32Array(Ho * Wo)
  for (let h = 0; h < Ho; h++) {
    const i = Math.max(0, Math.ceil((ph - h * sh) / dh))
    for (let w = 0; w < Wo; w++) first[h * Wo + w] = i * Kw + Math.max(0, Math.ceil((pw - w * sw) / dw))
  }
  return first
}

/**
 * Which tap of each window holds the maximum: X [N, C, Kh·Kw, L] → taps [N, C, L].
 *
 * As torch's `val > max || isnan(val)` in row-major window order: of ties the first wins, of several NaN the last,
 * and a window of −∞ gives its first tap inside the image. X has −∞ where a tap is in the padding.
 */
export function argmaxTaps(X: Tensor, win: Window): Tensor<'int32'> {
  const [N, C, K, L] = X.shape
  const taps = new Int32Array(N * C * L)
  const first = firstTaps(win)
  const max = new Float64Array(L)
  for (let nc = 0; nc < N * C; nc++) {
    const best = taps.subarray(nc * L, (nc + 1) * L)
    best.set(first)
    max.fill(-Infinity)
    for (let k = 0; k < K; k++) takeTap(X.data, (nc * K + k) * L, k, max, best)
  }
  return new Tensor(taps, [N, C, L])
}

/** Tap `k` of all windows: those where it beats the maximum so far take it. */
function takeTap(data: FloatArray, from: number, k: number, max: Float64Array, best: Int32Array): void {
  for (let l = 0; l < best.length; l++) {
    const value = data[from + l]
    if (value > max[l] || Number.isNaN(value)) {
      max[l] = value
      best[l] = k
    }
  }
}

/** The value at one tap of each window: X [N, C, K, L], taps [N, C, L] → [N, C, L]. */
export function gatherTaps(X: Tensor, taps: Tensor<'int32'>): Tensor {
  const [N, C, K, L] = X.shape
  const data: FloatArray = allocate(X.dtype, N * C * L)
  // A window that lies in the padding altogether has no tap inside the image: its maximum is −∞.
  for (let nc = 0; nc < N * C; nc++) {
    for (let l = 0; l < L; l++) {
      const k = taps.data[nc * L + l]
      data[nc * L + l] = k < K ? X.data[(nc * K + k) * L + l] : -Infinity
    }
  }
  return new Tensor(data, [N, C, L])
}

/** The transpose of {@link gatherTaps}: G [N, C, L] goes to its tap of [N, C, K, L], all else is 0. */
export function scatterTaps(G: Tensor, taps: Tensor<'int32'>, K: number): Tensor {
  const [N, C, L] = G.shape
  const data: FloatArray = allocate(G.dtype, N * C * K * L)
  for (let nc = 0; nc < N * C; nc++) {
    for (let l = 0; l < L; l++) {
      const k = taps.data[nc * L + l]
      if (k < K) data[(nc * K + k) * L + l] = G.data[nc * L + l]!
    }
  }
  return new Tensor(data, [N, C, K, L])
}
