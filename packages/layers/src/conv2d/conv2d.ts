import {
  type Compiler,
  checkOptions,
  describeValue,
  fold,
  formatShape,
  matmul,
  type OptionNames,
  type Pair,
  pair,
  resolveWindow,
  sum,
  Tensor,
  transposed,
  unfold,
  type Value,
  type Window,
  type Wish,
} from '@handgrad/tensor'
import { checkChannels, checkPair, checkParameterOptions, imageLike, imageShape, inLayer } from '../check.ts'
import { type ImageShape } from '../engine/images.ts'
import { addGrad } from '../gradients.ts'
import { initialBias, initialWeight, type ParameterOptions } from '../init.ts'
import { type Compiled, FormulaLayer, type Layer } from '../layer.ts'
import { compileConvolution, wishOf } from './compile.ts'

/** The options of {@link Conv2d}, with torch's defaults. */
export interface Conv2dOptions extends ParameterOptions {
  /** Step of the window; 1. */
  stride?: Pair
  /** Zeros around the image, or `'same'` (stride 1 only) or `'valid'`; 0. */
  padding?: Pair | 'same' | 'valid'
  /** Distance between the window's taps; 1. */
  dilation?: Pair
  /** Blocks of channels that do not see each other; 1. */
  groups?: number
  /** Whether a number per output channel is added; true. */
  bias?: boolean
}

const optionNames: OptionNames<Conv2dOptions> = {
  stride: null,
  padding: null,
  dilation: null,
  groups: null,
  bias: null,
  dtype: null,
  generator: null,
}

/** The sizes of one pass: N images, each turned into columns by `win`. */
interface Plan {
  N: number
  win: Window
  outShape: number[]
}

/**
 * 2-d convolution (cross-correlation): y[n,o,h,v] = b[o] + Σ w[o,c,i,j] · x[n,c,h·s+i·d−p,v·s+j·d−p], summed
 * over c, i and j.
 *
 * Input [N,C,H,W] or [C,H,W]; weight [outChannels, inChannels/groups, Kh, Kw]; bias [outChannels]; output
 * [N,outChannels,Ho,Wo] or without N.
 *
 * Written as the mathematics goes: unfold, matrix product, fold (`derivation.ts` has each step).
 */
export class Conv2d extends FormulaLayer<Plan, Tensor> {
  readonly inChannels: number
  readonly outChannels: number
  readonly kernelSize: readonly [number, number]
  readonly stride: readonly [number, number]
  readonly padding: readonly [number, number] | 'same' | 'valid'
  readonly dilation: readonly [number, number]
  readonly groups: number
  readonly weight: Tensor
  readonly bias: Tensor | null

  /** @throws RangeError for sizes that are not whole numbers in range, or that `groups` does not divide. */
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: Conv2dOptions = {}) {
    super()
    checkOptions('Conv2d', optionNames, arguments, 3)
    checkParameterOptions('Conv2d', options)
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options
    checkChannels('Conv2d', inChannels, outChannels, groups)
    this.inChannels = inChannels
    this.outChannels = outChannels
    this.kernelSize = checkPair('Conv2d', 'kernelSize', kernelSize, 1)
    this.stride = checkPair('Conv2d', 'stride', stride, 1)
    this.padding = checkPadding(padding, this.stride)
    this.dilation = checkPair('Conv2d', 'dilation', dilation, 1)
    this.groups = groups
    const shape = [outChannels, inChannels / groups, ...this.kernelSize]
    const fanIn = (inChannels / groups) * this.kernelSize[0] * this.kernelSize[1]
    this.weight = initialWeight(shape, fanIn, options)
    this.bias = bias ? initialBias(outChannels, fanIn, options) : null
  }

  protected plan(shape: readonly number[]): Plan {
    const name = this.describe()
    const [N, C, H, W] = imageShape(name, shape)
    if (C !== this.inChannels) {
      throw new RangeError(
        `${name}: input has ${C} channels, expected ${this.inChannels} (input shape ${formatShape(shape)})`,
      )
    }
    const win = inLayer(name, shape, () => resolveWindow(H, W, this))
    return { N, win, outShape: imageLike(shape, N, this.outChannels, win.Ho, win.Wo) }
  }

  protected compute(x: Tensor, { N, win, outShape }: Plan): { y: Tensor; saved: Tensor } {
    const X = this.#grouped(unfold(x.reshape([N, this.inChannels, win.H, win.W]), win))
    const Y = matmul(this.#matrix(), X)
    if (this.bias !== null) addPerChannel(Y, this.bias)
    return { y: Y.reshape(outShape), saved: X }
  }

  protected gradients(dy: Tensor, X: Tensor, { N, win }: Plan, inputGrad: boolean): Tensor | null {
    const L = win.Ho * win.Wo
    const G = this.#grouped(dy.reshape([N, this.outChannels, L]))
    // dW = Σₙ G[n] @ X_unf[n]ᵀ
    addGrad(this.weight, sum(matmul(G, transposed(X)), [0]))
    // db = G.sum((0, 2))
    if (this.bias !== null) addGrad(this.bias, sum(dy.reshape([N, this.outChannels, L]), [0, 2]))
    if (!inputGrad) return null
    // dx = fold(Wᵀ @ G)
    const dX = matmul(transposed(this.#matrix()), G).reshape([N, X.shape[1] * X.shape[2], L])
    const dx = fold(dX, win)
    return dy.shape.length === 4 ? dx : dx.reshape([this.inChannels, win.H, win.W])
  }

  /** The weight as one matrix a group: [groups, outChannels/groups, inChannels/groups·Kh·Kw]. */
  #matrix(): Tensor {
    const [Co, Cg, Kh, Kw] = this.weight.shape
    return this.weight.reshape([this.groups, Co / this.groups, Cg * Kh * Kw])
  }

  /** [N, R, L] → [N, groups, R/groups, L]: the rows of each group apart. */
  #grouped(rows: Tensor): Tensor {
    const [N, R, L] = rows.shape
    return rows.reshape([N, this.groups, R / this.groups, L])
  }

  override namedParameters(): [string, Tensor][] {
    return this.bias === null
      ? [['weight', this.weight]]
      : [
          ['weight', this.weight],
          ['bias', this.bias],
        ]
  }

  outputShape(shape: readonly number[], dtype: Tensor['dtype'] = this.weight.dtype): number[] {
    this.checkDtype(dtype)
    return this.plan(shape).outShape
  }

  override kernelShape(shape: readonly number[]): ImageShape {
    const [N, C, H, W] = imageShape(this.describe(), shape)
    return { N, C, H, W, rank: 4 }
  }

  override kernelWish(_C: number, H: number, W: number): Wish {
    return wishOf(this, resolveWindow(H, W, this))
  }

  override compile(input: Value, compiler: Compiler, next: readonly Layer[]): Compiled {
    return compileConvolution(this, resolveWindow(input.H, input.W, this), input, compiler, next)
  }

  describe(): string {
    return `Conv2d(${this.inChannels}→${this.outChannels}, ${this.kernelSize.join('×')})`
  }
}

function checkPadding(padding: Pair | 'same' | 'valid', stride: Pair): [number, number] | 'same' | 'valid' {
  if (typeof padding !== 'string') return checkPair('Conv2d', 'padding', padding, 0)
  if (padding !== 'same' && padding !== 'valid') {
    throw new RangeError(
      `Conv2d: padding is ${describeValue(padding)}, expected 'same', 'valid', a number or a pair`,
    )
  }
  if (padding === 'same' && pair(stride).some((step) => step !== 1)) {
    throw new RangeError(`Conv2d: padding 'same' needs stride 1, got stride ${formatShape(pair(stride))}`)
  }
  return padding
}

/**
 * Y [N, groups, Cout/groups, L] += b [Cout], in place.
 * @internal
 */
export function addPerChannel(Y: Tensor, b: Tensor): void {
  const L = Y.shape[3]
  const C = b.data.length
  for (let row = 0; row * L < Y.data.length; row++) {
    const bias = b.data[row % C]
    for (let l = row * L; l < (row + 1) * L; l++) Y.data[l] += bias
  }
}
