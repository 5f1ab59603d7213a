import { formatShape, type Pair, pair } from './shape.ts'

/**
 * A sliding window with all its sizes resolved: what a convolution or a pooling layer computes once per input shape
 * and hands to its forward and its backward pass.
 *
 * Tap (i, j) of the window at output (h, w) reads input (h·sh + i·dh − ph, w·sw + j·dw − pw), or padding outside.
 */
export interface Window {
  readonly H: number
  readonly W: number
  readonly Kh: number
  readonly Kw: number
  readonly sh: number
  readonly sw: number
  readonly ph: number
  readonly pw: number
  readonly dh: number
  readonly dw: number
  readonly Ho: number
  readonly Wo: number
}

/** What a caller says of a window: numbers or pairs, as in PyTorch. */
export interface WindowOptions {
  kernelSize: Pair
  stride?: Pair
  /** A number or a pair for both sides; `'same'` keeps the extents (the odd cell goes to the end); `'valid'` is 0. */
  padding?: Pair | 'same' | 'valid'
  dilation?: Pair
  /** Lets a last, partial window in, if it starts inside the input or its leading padding. */
  ceilMode?: boolean
}

/** One axis of a window: kernel, stride, padding before and after, dilation. */
interface AxisOptions {
  k: number
  s: number
  before: number
  after: number
  d: number
  ceilMode: boolean
}

/** Source: `pooling_output_shape_pad_lr` and `conv_output_size` of ATen. */
function outputExtent(extent: number, { k, s, before, after, d, ceilMode }: AxisOptions): number {
  const room = extent + before + after - d * (k - 1) - 1
  const out = Math.floor((room + (ceilMode ? s - 1 : 0)) / s) + 1
  return ceilMode && (out - 1) * s >= extent + before ? out - 1 : out
}

/** The padding before and after one axis: `'same'` pads d·(k−1) cells in all, the smaller half first. */
function paddingOf(padding: number | 'same', k: number, d: number): [before: number, after: number] {
  if (padding !== 'same') return [padding, padding]
  const total = d * (k - 1)
  const before = Math.floor(total / 2)
  return [before, total - before]
}

/**
 * Resolves a window over an input of H × W.
 * @throws RangeError when the window does not fit the padded input.
 */
export function resolveWindow(H: number, W: number, options: WindowOptions): Window {
  return resolve(H, W, options, 2)
}

/** What a caller says of a window over a line: as of one over an image, by numbers. */
export interface LineWindowOptions {
  kernelSize: number
  stride?: number
  padding?: number | 'same' | 'valid'
  dilation?: number
}

/**
 * Resolves a window over a line of L cells: that of an image of one row.
 * @throws RangeError when the window does not fit the padded line.
 */
export function resolveLine(
  L: number,
  { kernelSize, stride = 1, padding = 0, dilation = 1 }: LineWindowOptions,
): Window {
  const options: WindowOptions = {
    kernelSize: [1, kernelSize],
    stride: [1, stride],
    padding: typeof padding === 'string' ? padding : [0, padding],
    dilation: [1, dilation],
  }
  return resolve(1, L, options, 1)
}

/** The window, and in its errors the last `axes` of its axes. */
function resolve(
  H: number,
  W: number,
  { kernelSize, stride = 1, padding = 0, dilation = 1, ceilMode = false }: WindowOptions,
  axes: 1 | 2,
): Window {
  const [Kh, Kw] = pair(kernelSize)
  const [sh, sw] = pair(stride)
  const [dh, dw] = pair(dilation)
  const [vertical, horizontal] =
    padding === 'same' ? (['same', 'same'] as const) : pair(padding === 'valid' ? 0 : padding)
  const [ph, bottom] = paddingOf(vertical, Kh, dh)
  const [pw, right] = paddingOf(horizontal, Kw, dw)
  const Ho = outputExtent(H, { k: Kh, s: sh, before: ph, after: bottom, d: dh, ceilMode })
  const Wo = outputExtent(W, { k: Kw, s: sw, before: pw, after: right, d: dw, ceilMode })
  if (Ho < 1 || Wo < 1) {
    const reach = formatShape([dh * (Kh - 1) + 1, dw * (Kw - 1) + 1].slice(-axes))
    const padded = formatShape([H + ph + bottom, W + pw + right].slice(-axes))
    throw new RangeError(`the window reaches over ${reach} cells, the padded input has only ${padded}`)
  }
  return { H, W, Kh, Kw, sh, sw, ph, pw, dh, dw, Ho, Wo }
}

/** The first and one-past-last output index at which tap `k` of one axis falls inside the input. */
export function insideRange(
  extent: number,
  out: number,
  stride: number,
  offset: number,
): readonly [from: number, to: number] {
  const from = Math.max(0, Math.ceil(-offset / stride))
  const to = Math.min(out, Math.floor((extent - 1 - offset) / stride) + 1)
  return [from, Math.max(from, to)]
}
