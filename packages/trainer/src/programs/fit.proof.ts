import { numel, resolveLine, resolveWindow } from '@handgrad/tensor'
import type { LayerCase } from './case.proof.ts'
import type { LayerWish } from './wishes.proof.ts'

/** A network has at most so many multiplications on its way forward, for the largest batch. */
export const MULTIPLICATIONS = 2_000_000

/** A layer that fits behind a shape [N,…], the shape behind it, and what it costs a batch. */
export interface Fitted {
  readonly layer: LayerCase
  readonly shape: readonly number[]
  readonly cost: number
}

const fitted = (
  module: string,
  args: LayerCase['args'],
  options: LayerCase['options'],
  shape: readonly number[],
  cost = 0,
): Fitted => ({ layer: { module, args, options }, shape, cost })

/** An option that is the default is left out: what is printed is shorter. */
function without(
  defaults: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): object {
  const same = (name: string): boolean => JSON.stringify(given[name]) === JSON.stringify(defaults[name])
  return Object.fromEntries(Object.entries(given).filter(([name]) => !same(name)))
}

const short = (extents: readonly number[]): number | readonly number[] =>
  extents[0] === extents[1] ? extents[0] : extents
const shortened = (given: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, Array.isArray(value) ? short(value) : value]),
  )

type Wish<K extends LayerWish['kind']> = Extract<LayerWish, { kind: K }>

/** An image or images, [C,H,W] or [N,C,H,W], as N of them, and the shape of others in their place. */
function imagesOf(shape: readonly number[]): {
  extents: readonly number[]
  like: (...image: number[]) => number[]
} {
  const [N, ...image] = shape.length === 4 ? shape : [1, ...shape]
  return { extents: [N, ...image], like: (...own) => (shape.length === 4 ? [N, ...own] : own) }
}

function fitConvolution(wish: Wish<'convolution'>, shape: readonly number[], room: number): Fitted | null {
  const { extents, like } = imagesOf(shape)
  const [N, C, H, W] = extents
  const stride = wish.padding === 'same' ? [1, 1] : wish.stride
  const { kernel = [H, W], padding, dilation, bias } = wish
  const win = windowOf(H, W, { kernelSize: kernel, stride, padding, dilation } as never)
  const channels = win && channelsOf(wish, C, N * win.Ho * win.Wo * win.Kh * win.Kw * C, room)
  if (win === null || channels === null) return null
  const { groups, out, each } = channels
  const defaults = { stride: 1, padding: 0, dilation: 1, groups: 1, bias: true }
  const options = without(defaults, shortened({ stride, padding, dilation, groups, bias }))
  return fitted('Conv2d', [C, out, short(kernel)], { ...options }, like(out, win.Ho, win.Wo), each * out)
}

/** The groups of a wish, and the channels that it may have with `each` multiplications for one of them; null for none. */
function channelsOf(
  wish: Wish<'convolution' | 'line'>,
  C: number,
  multiplications: number,
  room: number,
): { groups: number; out: number; each: number } | null {
  const divisors = Array.from({ length: C }, (_, i) => i + 1).filter((d) => C % d === 0)
  const groups = wish.groups >= 9 ? C : divisors[wish.groups % divisors.length]
  const each = multiplications / groups
  const own = Math.min(Math.ceil(wish.out / groups), Math.floor(room / each / groups))
  return own < 1 ? null : { groups, out: own * groups, each }
}

/** Lines, [C,L] or [N,C,L]. */
function fitLine(wish: Wish<'line'>, shape: readonly number[], room: number): Fitted | null {
  const [N, C, L] = shape.length === 3 ? shape : [1, ...shape]
  const stride = wish.padding === 'same' ? 1 : wish.stride
  const { kernel = L, padding, dilation, bias } = wish
  const win = orNull(() => resolveLine(L, { kernelSize: kernel, stride, padding, dilation }))
  const channels = win && channelsOf(wish, C, N * win.Wo * kernel * C, room)
  if (win === null || channels === null) return null
  const { groups, out, each } = channels
  const defaults = { stride: 1, padding: 0, dilation: 1, groups: 1, bias: true }
  const options = without(defaults, { stride, padding, dilation, groups, bias })
  const behind = [...shape.slice(0, -2), out, win.Wo]
  return fitted('Conv1d', [C, out, kernel], { ...options }, behind, each * out)
}

function orNull<T>(resolve: () => T): T | null {
  try {
    return resolve()
  } catch {
    return null
  }
}

function windowOf(
  H: number,
  W: number,
  options: Parameters<typeof resolveWindow>[2],
): ReturnType<typeof resolveWindow> | null {
  return orNull(() => resolveWindow(H, W, options))
}

function fitPooling(wish: Wish<'pooling'>, shape: readonly number[]): Fitted | null {
  const { extents, like } = imagesOf(shape)
  const [, C, H, W] = extents
  const { kernel, stride, dilation, ceilMode } = wish
  const padding = wish.padding.map((p, axis) => Math.min(p, Math.floor(kernel[axis] / 2)))
  const win = windowOf(H, W, {
    kernelSize: kernel,
    stride: stride ?? kernel,
    padding,
    dilation,
    ceilMode,
  } as never)
  if (win === null) return null
  const defaults = { stride: short(kernel), padding: 0, dilation: 1, ceilMode: false }
  const options = without(defaults, shortened({ stride: stride ?? kernel, padding, dilation, ceilMode }))
  return fitted('MaxPool2d', [short(kernel)], { ...options }, like(C, win.Ho, win.Wo))
}

function fitLinear({ out, bias }: Wish<'linear'>, shape: readonly number[], room: number): Fitted | null {
  const features = shape.at(-1)!
  const each = numel(shape)
  const own = Math.min(out, Math.floor(room / each))
  if (own < 1) return null
  const options = bias ? {} : { bias }
  return fitted('Linear', [features, own], options, [...shape.slice(0, -1), own], each * own)
}

function fitFlatten({ options }: Wish<'flatten'>, shape: readonly number[]): Fitted | null {
  const axis = (given: number): number => (given < 0 ? given + shape.length : given)
  const [start, end] = [axis(options.startDim ?? 1), axis(options.endDim ?? -1)]
  if (start < 0 || end >= shape.length || start > end) return null
  const joined = [...shape.slice(0, start), numel(shape.slice(start, end + 1)), ...shape.slice(end + 1)]
  // Samples and classes stay two axes.
  if (joined.length < 2) return null
  return fitted('Flatten', [], options, joined)
}

function fitSequential(
  { layers }: Wish<'sequential'>,
  shape: readonly number[],
  room: number,
  rank: number,
): Fitted | null {
  const inner = fitAll(layers, shape, room, rank)
  return fitted('Sequential', inner.layers, {}, inner.shape, inner.cost)
}

/** The wish as a layer behind a batch of `shape`, with at most `room` multiplications; null where it does not fit. */
function fit(wish: LayerWish, shape: readonly number[], room: number, rank: number): Fitted | null {
  const isImage = shape.length === rank
  if (wish.kind === 'convolution') return isImage ? fitConvolution(wish, shape, room) : null
  if (wish.kind === 'line') return isImage ? fitLine(wish, shape, room) : null
  if (wish.kind === 'pooling') return isImage ? fitPooling(wish, shape) : null
  if (wish.kind === 'linear') return fitLinear(wish, shape, room)
  if (wish.kind === 'flatten') return fitFlatten(wish, shape)
  if (wish.kind === 'sequential') return fitSequential(wish, shape, room, rank)
  if (wish.kind === 'dropout') return fitted('Dropout', [wish.p], {}, shape)
  if (wish.kind === 'own') return fitted('Double', [], {}, shape)
  return fitted('ReLU', [], {}, shape)
}

/** All wishes that fit, one behind the other; images are [N,C,H,W], or have another rank: as [C,H,W], or lines [N,C,L]. */
export function fitAll(
  wishes: readonly LayerWish[],
  shape: readonly number[],
  room: number,
  rank: number = 4,
): { layers: LayerCase[]; shape: readonly number[]; cost: number } {
  const layers: LayerCase[] = []
  let [now, cost] = [shape, 0]
  for (const wish of wishes) {
    const found = fit(wish, now, room - cost, rank)
    if (found === null) continue
    layers.push(found.layer)
    now = found.shape
    cost += found.cost
  }
  return { layers, shape: now, cost }
}
