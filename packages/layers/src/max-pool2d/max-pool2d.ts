import {
  argmaxTaps,
  COUNT,
  type Compiler,
  checkOptions,
  fold,
  formatShape,
  gatherTaps,
  type OptionNames,
  type Pair,
  resolveWindow,
  scatterTaps,
  type Tensor,
  unfold,
  type Value,
  type Window,
} from '@handgrad/tensor'
import { checkPair, imageLike, imageShape, inLayer } from '../check.ts'
import { type ImageShape } from '../engine/images.ts'
import { type Compiled, type Fold, FormulaLayer } from '../layer.ts'

/** The options of {@link MaxPool2d}, with torch's defaults. */
export interface MaxPool2dOptions {
  /** Step of the window; the window's size. */
  stride?: Pair
  /** Cells around the image that never win, at most half the window; 0. */
  padding?: Pair
  /** Distance between the window's taps; 1. */
  dilation?: Pair
  /** Lets a last window that is partly outside in; false. */
  ceilMode?: boolean
}

const optionNames: OptionNames<MaxPool2dOptions> = {
  stride: null,
  padding: null,
  dilation: null,
  ceilMode: null,
}

/** The sizes of one pass over N images of C channels. */
interface Plan {
  N: number
  C: number
  win: Window
  outShape: number[]
}

/**
 * The maximum over each window; its gradient goes to the cell where the maximum was, and nowhere else.
 *
 * Input [N,C,H,W] or [C,H,W]; output [N,C,Ho,Wo] or without N. As torch: of ties the first in row-major order of the
 * window gets the whole gradient, of several NaN the last; windows may overlap, and what they leave over gets 0.
 */
export class MaxPool2d extends FormulaLayer<Plan, Tensor<'int32'>> {
  readonly kernelSize: readonly [number, number]
  readonly stride: readonly [number, number]
  readonly padding: readonly [number, number]
  readonly dilation: readonly [number, number]
  readonly ceilMode: boolean

  /** @throws RangeError for sizes that are not whole numbers in range, or padding above half the window. */
  constructor(kernelSize: Pair, options: MaxPool2dOptions = {}) {
    super()
    checkOptions('MaxPool2d', optionNames, arguments, 1)
    const { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false } = options
    this.kernelSize = checkPair('MaxPool2d', 'kernelSize', kernelSize, 1)
    this.stride = checkPair('MaxPool2d', 'stride', stride, 1)
    this.padding = checkPair('MaxPool2d', 'padding', padding, 0)
    this.dilation = checkPair('MaxPool2d', 'dilation', dilation, 1)
    this.ceilMode = ceilMode
    if (this.padding.some((p, axis) => p > this.kernelSize[axis] / 2)) {
      throw new RangeError(
        `MaxPool2d: padding is ${formatShape(this.padding)}, expected at most half of kernelSize ${formatShape(this.kernelSize)}`,
      )
    }
  }

  protected plan(shape: readonly number[]): Plan {
    const name = this.describe()
    const [N, C, H, W] = imageShape(name, shape)
    const win = inLayer(name, shape, () => resolveWindow(H, W, this))
    return { N, C, win, outShape: imageLike(shape, N, C, win.Ho, win.Wo) }
  }

  protected compute(x: Tensor, { N, C, win, outShape }: Plan): { y: Tensor; saved: Tensor<'int32'> } {
    const columns = unfold(x.reshape([N, C, win.H, win.W]), win, -Infinity)
    const X = columns.reshape([N, C, win.Kh * win.Kw, win.Ho * win.Wo])
    const taps = argmaxTaps(X, win)
    return { y: gatherTaps(X, taps).reshape(outShape), saved: taps }
  }

  protected gradients(
    dy: Tensor,
    taps: Tensor<'int32'>,
    { N, C, win }: Plan,
    inputGrad: boolean,
  ): Tensor | null {
    if (!inputGrad) return null
    const K = win.Kh * win.Kw
    const L = win.Ho * win.Wo
    // dx = fold(scatter(dy → its window's argmax))
    const dX = scatterTaps(dy.reshape([N, C, L]), taps, K).reshape([N, C * K, L])
    const dx = fold(dX, win)
    return dy.shape.length === 4 ? dx : dx.reshape([C, win.H, win.W])
  }

  outputShape(shape: readonly number[], dtype: Tensor['dtype'] = 'float32'): number[] {
    this.checkDtype(dtype)
    return this.plan(shape).outShape
  }

  override kernelShape(shape: readonly number[]): ImageShape {
    const [N, C, H, W] = imageShape(this.describe(), shape)
    return { N, C, H, W, rank: 4 }
  }

  override get folds(): Fold | null {
    const { kernelSize, stride, padding, dilation, ceilMode } = this
    const plain = [...kernelSize, ...stride].every((size) => size === 2) && !ceilMode
    return plain && padding.every((p) => p === 0) && dilation.every((d) => d === 1) ? 'halve' : null
  }

  override compile(input: Value, c: Compiler): Compiled | null {
    const { H, W, Kh, Kw, sh, sw, ph, pw, dh, dw, Ho, Wo } = resolveWindow(input.H, input.W, this)
    const channels = Math.ceil(input.cell / 16) * 4
    const x = c.fit(input, { cell: channels * 4, border: 0, row: W * channels * 4 })
    const y = c.image(input.C, Ho, Wo, { align: channels })
    const at = c.take('sample', y.image)
    const sizes = c.table([H, W, Kh, Kw, sh, sw, ph, pw, dh, dw, Ho, Wo, channels])
    c.note(this, 'lanes')
    c.call('layers/max_pool2d_forward', sizes, COUNT, x.ref, y.ref, at)
    c.backward(input, y, [], (given) => {
      const dy = c.fit(given, y)
      const dx = c.image(x.C, H, W, { align: channels })
      c.call('tensor/clear', dx.ref, COUNT, dx.image)
      c.call('layers/max_pool2d_backward', sizes, COUNT, dy.ref, at, dx.ref)
      return dx
    })
    return { value: y }
  }

  describe(): string {
    return `MaxPool2d(${this.kernelSize.join('×')})`
  }
}
