import { Conv2d } from '@handgrad/layers'
import { resolveWindow, type Tensor, tensor, type Window, zeros } from '@handgrad/tensor'
import { few } from '../explorers/numbers.ts'
import { pass } from '../explorers/pass.ts'
import { cellUnreadBecause } from '../explorers/unread.ts'
import { range } from '../widgets/format.ts'

/** What the reader sets. */
export interface Settings {
  readonly size: number
  readonly kernel: number
  readonly padding: number
  readonly stride: number
  readonly dilation: number
}

export const limits: Readonly<
  Record<keyof Settings, { label: string; min: number; max: number; value: number }>
> = {
  size: { label: 'rows of x', min: 3, max: 6, value: 5 },
  kernel: { label: 'kernel', min: 1, max: 3, value: 3 },
  padding: { label: 'padding', min: 0, max: 2, value: 0 },
  stride: { label: 'stride', min: 1, max: 3, value: 1 },
  dilation: { label: 'dilation', min: 1, max: 2, value: 1 },
}

/** A cell of dy as it is laid out for the turned kernel: a number, the frame around, or what the stride puts between. */
export type Laid =
  | { readonly kind: 'dy'; readonly h: number; readonly v: number }
  | { readonly kind: 'frame' | 'gap' }

/** Everything that the stage shows; each number is from a pass of the library's own layer. */
export interface Scene {
  readonly settings: Settings
  readonly window: Window
  readonly x: Tensor
  readonly w: Tensor
  readonly b: number
  readonly y: Tensor
  readonly dy: Tensor
  readonly dx: Tensor
  readonly dw: Tensor
  /** dy for the turned kernel, a row a list. */
  readonly laid: readonly (readonly Laid[])[]
  readonly laidValues: Tensor
  /** A forward pass of `laidValues` through the turned kernel. */
  readonly turned: Tensor
}

/** The kernel turned by half a circle. */
export function turn(w: Tensor): Tensor {
  return tensor(Float64Array.from(w.data).reverse(), w.shape)
}

/** How dy lies along one axis: which output is at each place, null for a zero of the frame or of a gap. */
function layAxis(
  size: number,
  reach: number,
  outputs: number,
  stride: number,
  padding: number,
): (number | null)[] {
  return range(size + reach).map((at) => {
    const h = (at - (reach - padding)) / stride
    return Number.isInteger(h) && h >= 0 && h < outputs ? h : null
  })
}

function layOut({ H, W, Kh, Kw, Ho, Wo, sh, sw, ph, pw, dh, dw }: Window): Laid[][] {
  const rows = layAxis(H, (Kh - 1) * dh, Ho, sh, ph)
  const columns = layAxis(W, (Kw - 1) * dw, Wo, sw, pw)
  const between = (all: (number | null)[], at: number): boolean =>
    all.slice(0, at + 1).some((h) => h !== null) && all.slice(at).some((h) => h !== null)
  return rows.map((h, r) =>
    columns.map((v, c): Laid => {
      if (h !== null && v !== null) return { kind: 'dy', h, v }
      return { kind: between(rows, r) && between(columns, c) ? 'gap' : 'frame' }
    }),
  )
}

/**
 * A convolution of one image of one channel, forward and back.
 * @throws RangeError where the settings do not go together, with the layer's own words.
 */
export function sceneOf(settings: Settings): Scene {
  const { size, kernel, padding, stride, dilation } = settings
  const options = { stride, padding, dilation, dtype: 'float64' as const }
  const window = resolveWindow(size, size, { kernelSize: kernel, stride, padding, dilation })
  const layer = new Conv2d(1, 1, kernel, options)
  layer.weight.data.set(few([1, 1, kernel, kernel], 2).data)
  layer.bias!.data.set(few([1], 3).data)
  const x = few([1, size, size], 5)
  const dy = few([1, window.Ho, window.Wo], 9)
  const { y, dx } = pass(layer, x, dy)
  const laid = layOut(window)
  const laidValues: Tensor = zeros([1, laid.length, laid[0].length], { dtype: 'float64' })
  laid.flat().forEach((cell, i) => {
    if (cell.kind === 'dy') laidValues.data[i] = dy.data[cell.h * window.Wo + cell.v]!
  })
  const again = new Conv2d(1, 1, kernel, { dilation, bias: false, dtype: 'float64' })
  again.weight.data.set(turn(layer.weight).data)
  return {
    settings,
    window,
    x,
    w: layer.weight,
    b: layer.bias!.data[0],
    y,
    dy,
    dx,
    dw: layer.weight.g!,
    laid,
    laidValues,
    turned: again.forward(laidValues),
  }
}

/** Which way the stage is looked at. */
export type Mode = 'forward' | 'columns' | 'fan' | 'turned' | 'weight'

/** One product of a sum: a tap, the cell of x or of dy, and what they give. */
export interface Product {
  readonly tap: readonly [i: number, j: number]
  /** The output that it belongs to. */
  readonly output: readonly [h: number, v: number]
  /** The cell of the image, perhaps in the padding. */
  readonly cell: readonly [a: number, e: number]
  /** The number that is multiplied with the weight; of `weight`, x and dy. */
  readonly factors: readonly [number, number]
  readonly padding: boolean
}

/** The sum that one cell is. */
export interface Sum {
  readonly name: string
  readonly value: number
  readonly products: readonly Product[]
  readonly bias: number
  readonly rule: string
}

const inImage = ({ window: { H, W } }: Scene, a: number, e: number): boolean =>
  a >= 0 && a < H && e >= 0 && e < W

/** All products of output, tap and cell that a pass consists of, outputs in reading order. */
function* allProducts(scene: Scene): Generator<Product> {
  const { Ho, Wo, Kh, Kw, sh, sw, ph, pw, dh, dw, W } = scene.window
  for (const h of range(Ho))
    for (const v of range(Wo))
      for (const i of range(Kh))
        for (const j of range(Kw)) {
          const [a, e] = [h * sh + i * dh - ph, v * sw + j * dw - pw]
          const padding = !inImage(scene, a, e)
          const read = padding ? 0 : scene.x.data[a * W + e]
          yield {
            tap: [i, j],
            output: [h, v],
            cell: [a, e],
            factors: [read, scene.dy.data[h * Wo + v]],
            padding,
          }
        }
}

const at = (pair: readonly [number, number], [r, c]: readonly [number, number]): boolean =>
  pair[0] === r && pair[1] === c

/** How many places a mode has, down and to the right. */
export function extentOf({ window: { Ho, Wo, Kh, Kw, H, W } }: Scene, mode: Mode): readonly [number, number] {
  if (mode === 'weight') return [Kh, Kw]
  return mode === 'fan' || mode === 'turned' ? [H, W] : [Ho, Wo]
}

/** The sum at one place of a mode. */
export function sumAt(scene: Scene, mode: Mode, place: readonly [number, number]): Sum {
  const [r, c] = place
  const { Wo, Kw, W } = scene.window
  const weight = ({ tap: [i, j] }: Product): number => scene.w.data[i * Kw + j]
  const all = [...allProducts(scene)]
  if (mode === 'forward' || mode === 'columns') {
    const products = all
      .filter(({ output }) => at(output, place))
      .map((one): Product => ({ ...one, factors: [one.factors[0], weight(one)] }))
    const rule =
      mode === 'forward'
        ? 'Lay the kernel on the window, multiply cell by cell, add up, add the bias.'
        : 'The window is written down as a column; the row of weights times the column is the same sum.'
    return { name: `y[${r},${c}]`, value: scene.y.data[r * Wo + c], products, bias: scene.b, rule }
  }
  if (mode === 'weight') {
    const products = all.filter(({ tap }) => at(tap, place))
    const rule =
      'This weight met one cell at every output: each product is that cell times the gradient there.'
    return { name: `dw[${r},${c}]`, value: scene.dw.data[r * Kw + c], products, bias: 0, rule }
  }
  const products = all
    .filter(({ cell }) => at(cell, place))
    .map((one): Product => ({ ...one, factors: [one.factors[1], weight(one)] }))
  const unread = cellUnreadBecause(r, c, scene.window)
  return {
    name: `dx[${r},${c}]`,
    value: scene.dx.data[r * W + c],
    products,
    bias: 0,
    rule:
      unread === null
        ? ruleOf(mode, products.length)
        : `No window reads this cell: ${unread}. So its gradient is 0.`,
  }
}

function ruleOf(mode: Mode, count: number): string {
  if (mode === 'turned')
    return 'dy in order, zeros around and between, the kernel turned by 180° on it: the same products.'
  return count === 1
    ? 'One window reads this cell.'
    : `${count} windows read this cell, each through another tap: as the outputs go on, the taps go back.`
}
