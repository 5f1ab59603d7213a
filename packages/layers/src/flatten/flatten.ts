import {
  type Compiler,
  checkOptions,
  describeValue,
  formatShape,
  numel,
  type OptionNames,
  type Tensor,
  type Value,
  type Wish,
} from '@handgrad/tensor'
import { type Compiled, FormulaLayer } from '../layer.ts'

/** The options of {@link Flatten}: the first and last axis that become one; negative ones count from the end. */
export interface FlattenOptions {
  /** 1 unless told: the batch axis stays. */
  startDim?: number
  /** −1 unless told. */
  endDim?: number
}

const optionNames: OptionNames<FlattenOptions> = { startDim: null, endDim: null }

/** The shapes on both sides. */
interface Plan {
  shape: readonly number[]
  outShape: number[]
}

/** The axes from `startDim` to `endDim` become one: [N,C,H,W] → [N, C·H·W]. The gradient goes back in the old shape. */
export class Flatten extends FormulaLayer<Plan, null> {
  readonly startDim: number
  readonly endDim: number

  /** @throws RangeError for an axis that is not a whole number. */
  constructor(options: FlattenOptions = {}) {
    super()
    checkOptions('Flatten', optionNames, arguments, 0)
    const { startDim = 1, endDim = -1 } = options
    for (const [argument, value] of Object.entries({ startDim, endDim })) {
      if (!Number.isSafeInteger(value))
        throw new RangeError(`Flatten: ${argument} is ${describeValue(value)}, expected a whole number`)
    }
    this.startDim = startDim
    this.endDim = endDim
  }

  protected plan(shape: readonly number[]): Plan {
    const [start, end] = [this.startDim, this.endDim].map((axis) => this.#axis(axis, shape)) as [
      number,
      number,
    ]
    if (start > end) {
      throw new RangeError(
        `${this.describe()}: startDim comes after endDim (input shape ${formatShape(shape)})`,
      )
    }
    if (shape.length === 0) return { shape, outShape: [1] }
    const joined = numel(shape.slice(start, end + 1))
    return { shape, outShape: [...shape.slice(0, start), joined, ...shape.slice(end + 1)] }
  }

  #axis(axis: number, shape: readonly number[]): number {
    const rank = Math.max(shape.length, 1)
    if (axis < -rank || axis >= rank) {
      throw new RangeError(
        `${this.describe()}: axis ${axis} is out of range, expected ${-rank} to ${rank - 1} (input shape ${formatShape(shape)})`,
      )
    }
    return axis < 0 ? axis + rank : axis
  }

  protected compute(x: Tensor, { outShape }: Plan): { y: Tensor; saved: null } {
    return { y: x.clone().reshape(outShape), saved: null }
  }

  protected gradients(dy: Tensor, _saved: null, { shape }: Plan, inputGrad: boolean): Tensor | null {
    return inputGrad ? dy.clone().reshape(shape) : null
  }

  outputShape(shape: readonly number[], dtype: Tensor['dtype'] = 'float32'): number[] {
    this.checkDtype(dtype)
    return this.plan(shape).outShape
  }

  override get readsLines(): null {
    return null
  }

  override kernelWish(): Wish {
    return { align: 1 }
  }

  /** In a planned network nothing moves: whoever reads the features permutes its weights. */
  override compile(input: Value, compiler: Compiler): Compiled | null {
    const all = this.startDim === 1 && (this.endDim === -1 || this.endDim === input.rank - 1)
    if (!all) return null
    compiler.note(this, 'nothing to do')
    const y: Value = { ...input, rank: 2 }
    compiler.backward(input, y, [], (dy) => ({ ...dy, rank: input.rank }))
    return { value: y }
  }

  describe(): string {
    return `Flatten(${this.startDim}, ${this.endDim})`
  }
}
