import {
  type Compiler,
  checkOptions,
  formatShape,
  matmul,
  numel,
  type OptionNames,
  sum,
  type Tensor,
  transposed,
  type Value,
  type Wish,
} from '@handgrad/tensor'
import { checkParameterOptions, checkWhole } from '../check.ts'
import { type ImageShape } from '../engine/images.ts'
import { addGrad } from '../gradients.ts'
import { initialBias, initialWeight, type ParameterOptions } from '../init.ts'
import { type Compiled, FormulaLayer } from '../layer.ts'
import { compileLinear } from './compile.ts'

/** The options of {@link Linear}, with torch's defaults. */
export interface LinearOptions extends ParameterOptions {
  /** Whether a number per output feature is added; true. */
  bias?: boolean
}

const optionNames: OptionNames<LinearOptions> = { bias: null, dtype: null, generator: null }

/** The sizes of one pass: all axes before the last are M rows. */
interface Plan {
  M: number
  outShape: number[]
}

/**
 * y = x Wᵀ + b: input [… , inFeatures], weight W [outFeatures, inFeatures], bias b [outFeatures], output
 * [… , outFeatures]. (Textbooks write y = xW + b; their W is the transpose of this one.)
 */
export class Linear extends FormulaLayer<Plan, Tensor> {
  readonly inFeatures: number
  readonly outFeatures: number
  readonly weight: Tensor
  readonly bias: Tensor | null

  /** @throws RangeError for feature counts that are not whole numbers ≥ 1. */
  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super()
    checkOptions('Linear', optionNames, arguments, 2)
    checkParameterOptions('Linear', options)
    checkWhole('Linear', 'inFeatures', inFeatures, 1)
    checkWhole('Linear', 'outFeatures', outFeatures, 1)
    this.inFeatures = inFeatures
    this.outFeatures = outFeatures
    this.weight = initialWeight([outFeatures, inFeatures], inFeatures, options)
    const { bias = true } = options
    this.bias = bias ? initialBias(outFeatures, inFeatures, options) : null
  }

  protected plan(shape: readonly number[]): Plan {
    const features = shape.at(-1)
    if (features !== this.inFeatures) {
      const came = features === undefined ? 'no axis' : `${features} features`
      throw new RangeError(
        `${this.describe()}: input has ${came}, expected ${this.inFeatures} (input shape ${formatShape(shape)})`,
      )
    }
    const rows = shape.slice(0, -1)
    return { M: numel(rows), outShape: [...rows, this.outFeatures] }
  }

  protected compute(x: Tensor, { M, outShape }: Plan): { y: Tensor; saved: Tensor } {
    const X = x.reshape([M, this.inFeatures])
    const Y = matmul(X, transposed(this.weight))
    if (this.bias !== null) addPerRow(Y, this.bias)
    return { y: Y.reshape(outShape), saved: x }
  }

  protected gradients(dy: Tensor, x: Tensor, { M }: Plan, inputGrad: boolean): Tensor | null {
    const G = dy.reshape([M, this.outFeatures])
    // dW = dyᵀ @ x
    addGrad(this.weight, matmul(transposed(G), x.reshape([M, this.inFeatures])))
    // db = dy.sum(0)
    if (this.bias !== null) addGrad(this.bias, sum(G, [0]))
    // dx = dy @ W
    return inputGrad ? matmul(G, this.weight).reshape(x.shape) : null
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
    return { N: this.plan(shape).M, C: this.inFeatures, H: 1, W: 1, rank: 2 }
  }

  override kernelWish(): Wish {
    return { align: 1 }
  }

  override compile(input: Value, compiler: Compiler): Compiled | null {
    return compileLinear(this, input, compiler)
  }

  describe(): string {
    return `Linear(${this.inFeatures}→${this.outFeatures})`
  }
}

/** Y [M, P] += b [P], in place. */
function addPerRow(Y: Tensor, b: Tensor): void {
  const P = b.data.length
  for (let i = 0; i < Y.data.length; i++) Y.data[i] += b.data[i % P]
}
