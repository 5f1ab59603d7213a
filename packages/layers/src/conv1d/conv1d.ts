import {
  type Compiler,
  checkOptions,
  describeValue,
  fold,
  formatShape,
  matmul,
  type OptionNames,
  resolveLine,
  sum,
  type Tensor,
  transposed,
  unfold,
  type Value,
  type Window,
  type Wish,
} from '@handgrad/tensor'
import { checkChannels, checkParameterOptions, checkSingle, inLayer, lineShape } from '../check.ts'
import { compileConvolution, wishOf } from '../conv2d/compile.ts'
import { addPerChannel } from '../conv2d/conv2d.ts'
import { type ImageShape } from '../engine/images.ts'
import { addGrad } from '../gradients.ts'
import { initialBias, initialWeight, type ParameterOptions } from '../init.ts'
import { type Compiled, FormulaLayer, type Layer } from '../layer.ts'

/** A number, or, as PyTorch has it too, one in an array. */
type Single = number | readonly [number]

/** The options of {@link Conv1d}, with torch's defaults. */
export interface Conv1dOptions extends ParameterOptions {
  /** Step of the window; 1. */
  stride?: Single
  /** Zeros at both ends of the line, or `'same'` (stride 1 only) or `'valid'`; 0. */
  padding?: Single | 'same' | 'valid'
  /** Distance between the window's taps; 1. */
  dilation?: Single
  /** Blocks of channels that do not see each other; 1. */
  groups?: number
  /** Whether a number per output channel is added; true. */
  bias?: boolean
}

const optionNames: OptionNames<Conv1dOptions> = {
  stride: null,
  padding: null,
  dilation: null,
  groups: null,
  bias: null,
  dtype: null,
  generator: null,
}

/** The sizes of one pass: N lines, each turned into columns by `win`, whose images have one row. */
interface Plan {
  N: number
  win: Window
  outShape: number[]
}

/**
 * 1-d convolution (cross-correlation): y[n,o,l] = b[o] + Σ_{c,i} w[o,c,i] · x[n,c,l·s+i·d−p].
 *
 * Input [N,C,L] or [C,L]; weight [outChannels, inChannels/groups, K]; bias [outChannels]; output [N,outChannels,Lo] or
 * without N.
 *
 * Written as the mathematics goes: unfold, matrix product, fold (`derivation.ts` has each step). A line is an image of one
 * row: so its kernels are those of Conv2d.
 */
export class Conv1d extends FormulaLayer<Plan, Tensor> {
  readonly inChannels: number
  readonly outChannels: number
  readonly kernelSize: number
  readonly stride: number
  readonly padding: number | 'same' | 'valid'
  readonly dilation: number
  readonly groups: number
  readonly weight: Tensor
  readonly bias: Tensor | null

  /** @throws RangeError for sizes that are not whole numbers in range, or that `groups` does not divide. */
  constructor(inChannels: number, outChannels: number, kernelSize: Single, options: Conv1dOptions = {}) {
    super()
    checkOptions('Conv1d', optionNames, arguments, 3)
    checkParameterOptions('Conv1d', options)
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options
    checkChannels('Conv1d', inChannels, outChannels, groups)
    this.inChannels = inChannels
    this.outChannels = outChannels
    this.kernelSize = checkSingle('Conv1d', 'kernelSize', kernelSize, 1)
    this.stride = checkSingle('Conv1d', 'stride', stride, 1)
    this.padding = checkPadding(padding, this.stride)
    this.dilation = checkSingle('Conv1d', 'dilation', dilation, 1)
    this.groups = groups
    const fanIn = (inChannels / groups) * this.kernelSize
    this.weight = initialWeight([outChannels, inChannels / groups, this.kernelSize], fanIn, options)
    this.bias = bias ? initialBias(outChannels, fanIn, options) : null
  }

  protected plan(shape: readonly number[]): Plan {
    const name = this.describe()
    const [N, C, L] = lineShape(name, shape)
    if (C !== this.inChannels) {
      throw new RangeError(
        `${name}: input has ${C} channels, expected ${this.inChannels} (input shape ${formatShape(shape)})`,
      )
    }
    const win = inLayer(name, shape, () => resolveLine(L, this))
    return { N, win, outShape: [...shape.slice(0, -2), this.outChannels, win.Wo] }
  }

  protected compute(x: Tensor, { N, win, outShape }: Plan): { y: Tensor; saved: Tensor } {
    const X = this.#grouped(unfold(x.reshape([N, this.inChannels, 1, win.W]), win))
    const Y = matmul(this.#matrix(), X)
    if (this.bias !== null) addPerChannel(Y, this.bias)
    return { y: Y.reshape(outShape), saved: X }
  }

  protected gradients(dy: Tensor, X: Tensor, { N, win }: Plan, inputGrad: boolean): Tensor | null {
    const Lo = win.Wo
    const G = this.#grouped(dy.reshape([N, this.outChannels, Lo]))
    // dW = Σₙ G[n] @ X_unf[n]ᵀ
    addGrad(this.weight, sum(matmul(G, transposed(X)), [0]))
    // db = G.sum((0, 2))
    if (this.bias !== null) addGrad(this.bias, sum(dy.reshape([N, this.outChannels, Lo]), [0, 2]))
    if (!inputGrad) return null
    // dx = fold(Wᵀ @ G)
    const dX = matmul(transposed(this.#matrix()), G).reshape([N, this.inChannels * this.kernelSize, Lo])
    return fold(dX, win).reshape([...dy.shape.slice(0, -2), this.inChannels, win.W])
  }

  /** The weight as one matrix a group: [groups, outChannels/groups, inChannels/groups·K]. */
  #matrix(): Tensor {
    const [Co, Cg, K] = this.weight.shape
    return this.weight.reshape([this.groups, Co / this.groups, Cg * K])
  }

  /** [N, R, Lo] → [N, groups, R/groups, Lo]: the rows of each group apart. */
  #grouped(rows: Tensor): Tensor {
    const [N, R, Lo] = rows.shape
    return rows.reshape([N, this.groups, R / this.groups, Lo])
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

  override get readsLines(): true {
    return true
  }

  override kernelShape(shape: readonly number[]): ImageShape {
    const [N, C, L] = lineShape(this.describe(), shape)
    return { N, C, H: 1, W: L, rank: 3 }
  }

  override kernelWish(_C: number, _H: number, L: number): Wish {
    return wishOf(this, resolveLine(L, this))
  }

  override compile(input: Value, compiler: Compiler, next: readonly Layer[]): Compiled {
    return compileConvolution(this, resolveLine(input.W, this), input, compiler, next)
  }

  describe(): string {
    return `Conv1d(${this.inChannels}→${this.outChannels}, ${this.kernelSize})`
  }
}

function checkPadding(padding: Single | 'same' | 'valid', stride: number): number | 'same' | 'valid' {
  if (typeof padding !== 'string') return checkSingle('Conv1d', 'padding', padding, 0)
  if (padding !== 'same' && padding !== 'valid') {
    throw new RangeError(`Conv1d: padding is ${describeValue(padding)}, expected 'same', 'valid' or a number`)
  }
  if (padding === 'same' && stride !== 1)
    throw new RangeError(`Conv1d: padding 'same' needs stride 1, got stride ${stride}`)
  return padding
}
