import {
  type Compiler,
  checkTensor,
  type DType,
  describeValue,
  formatShape,
  isFloat,
  notATensor,
  sameShape,
  Tensor,
  type Value,
  type Wish,
} from '@handgrad/tensor'
import type { ImageShape } from './engine/images.ts'
import { closePlans, forwardOnKernels, type Pass } from './engine/plans.ts'
import { inputGradOf, upstream } from './gradients.ts'
import { LastPass, type NetworkPass } from './last-pass.ts'
import { runsOwnCode } from './own-code.ts'

/** A layer as kernels. */
export interface Compiled {
  /** What it gives. */
  value: Value
  /** How many of the layers behind it went into it; 0. */
  folded?: number
}

/**
 * What a kernel may do on its own output in the place of a layer behind it.
 * @internal
 */
export type Fold = 'rectify' | 'halve'

/** What a backward pass may leave out. */
export interface BackwardOptions {
  /** False where nobody needs the gradient of the input: a network's first layer in training. */
  inputGrad?: boolean
}

/**
 * The base of all layers and containers: parameters by name, training mode, and a forward and a backward pass.
 *
 * One pass: `y = layer.forward(x)`, then `y.g = dy`, then `layer.bwd()` writes `x.g` and adds to each parameter's `.g`.
 */
export abstract class Layer {
  /** True after construction and {@link train}, false after {@link eval}; dropout looks at it. */
  training = true

  /**
   * The output for `x`, as a fresh tensor; what the backward pass needs is kept until the next call.
   * @throws Error that names the layer, what came and what was expected; nothing has changed then.
   */
  abstract forward(x: Tensor): Tensor

  /**
   * From the gradient `y.g` of the last output to the input's and the parameters' gradients.
   * @throws Error before a `forward`, or when `y.g` is null or of another shape, and for options that do not exist; nothing
   * has changed then.
   */
  abstract bwd(options?: BackwardOptions): void

  /**
   * The shape that `forward` gives for an input of `shape` and `dtype`.
   * @throws Error as `forward` would.
   */
  abstract outputShape(shape: readonly number[], dtype?: Tensor['dtype']): number[]

  /** The layer with its sizes, as messages name it: `Conv2d(8→16, 3×3)`. */
  abstract describe(): string

  /**
   * View 3: writes the layer down as kernels, and says how many of the layers behind it, `next`, went into them.
   * Null where no kernel fits: then the layer runs on `reference`.
   */
  // never called: a layer without a compile of its own has formulas of its own, and nobody plans those
  compile(_input: Value, _compiler: Compiler, _next: readonly Layer[]): Compiled | null {
    return null
  }

  /**
   * Whether its kernels read a batch of lines [N,C,L], images of one row: `compile` is given values of rank 3 alone where it
   * is true, and none of them where it is false. Null where any will do.
   */
  get readsLines(): boolean | null {
    return false
  }

  /**
   * How the kernels want their input to lie, given the shape of one sample's image.
   * @internal
   */
  kernelWish(_C: number, _H: number, _W: number): Wish {
    return {}
  }

  /**
   * How the kernels read an input of `shape`: as N images, rows of features as those of one cell. Null where there is no kernel.
   * @internal
   */
  kernelShape(_shape: readonly number[]): ImageShape | null {
    return null
  }

  /**
   * What a kernel of the layer before it may do on its own output in this layer's place.
   * @internal
   */
  get folds(): Fold | null {
    return null
  }

  /** The parameters with the names that the same `torch.nn` module gives them. */
  namedParameters(): [string, Tensor][] {
    return []
  }

  /** The state that is saved but not trained, with torch's names. */
  namedBuffers(): [string, Tensor][] {
    return []
  }

  /** The parameters alone, in the order of {@link namedParameters}: what an optimizer takes. */
  parameters(): Tensor[] {
    return this.namedParameters().map(([, parameter]) => parameter)
  }

  /** Parameters and buffers by name: the tensors themselves, not copies. */
  stateDict(): Record<string, Tensor> {
    const state: Record<string, Tensor> = Object.create(null)
    for (const [name, value] of [...this.namedParameters(), ...this.namedBuffers()]) state[name] = value
    return state
  }

  /**
   * Copies the values of `record` into the parameters and buffers.
   * @throws Error that names every entry that is missing, unexpected or of another shape; nothing has changed then.
   */
  loadStateDict(record: Readonly<Record<string, Tensor<DType>>>): this {
    if (typeof record !== 'object' || record === null || Array.isArray(record)) {
      const came = describeValue(record)
      throw new TypeError(`${this.describe()}.loadStateDict: the state is ${came}, expected tensors by name`)
    }
    const state = this.stateDict()
    const wrong = [
      ...Object.keys(state)
        .filter((name) => !Object.hasOwn(record, name))
        .map((name) => `missing ${name}`),
      ...Object.keys(record).flatMap((name) => mismatch(name, state[name], record[name])),
    ]
    if (wrong.length > 0) throw new Error(`${this.describe()}.loadStateDict: ${wrong.join('; ')}`)
    for (const [name, own] of Object.entries(state)) own.data.set((record[name] as Tensor).data)
    return this
  }

  /** Sets every parameter's gradient to null. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.g = null
  }

  /** Switches to training mode, or out of it. */
  train(training = true): this {
    this.training = training
    return this
  }

  /** Switches to evaluation mode: dropout passes everything. */
  eval(): this {
    return this.train(false)
  }

  /**
   * Gives back what the layer holds of the kernels' memory, and its last pass; a `forward` afterwards takes memory anew.
   */
  close(): void {
    closePlans(this)
  }

  /**
   * The pass of a network went through this layer too, as one of `pass`: what {@link bwd} starts from.
   * @internal
   */
  lend(_pass: NetworkPass | null): void {}

  /**
   * A forward pass of its own on what a network has computed already: for the values `x`, whose gradient goes to `input`,
   * with the output `y` where somebody holds that.
   * @internal
   */
  layOut(_x: Tensor, input: Tensor, _y: Tensor | null): Tensor {
    return this.forward(input)
  }

  /**
   * Keeps the last pass for a network: what is returned puts it in force once more, and gives what undoes that.
   * @internal
   */
  hold(): () => () => void {
    return () => () => {}
  }

  /** The layer with its parameters: `Linear(5→4): weight [4,5], bias [4]; 24 parameters`. */
  toString(): string {
    const named = this.namedParameters().map(([name, { shape }]) => `${name} ${formatShape(shape)}`)
    return named.length === 0 ? this.describe() : `${this.describe()}: ${named.join(', ')}; ${countOf(this)}`
  }

  static {
    // Node's console.log asks here; not a member of the class, which declarations could not name.
    Object.defineProperty(Layer.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: Layer) {
        return this.toString()
      },
    })
  }
}

/**
 * `9,098 parameters`.
 * @internal
 */
export function countOf(layer: Layer): string {
  const count = layer.parameters().reduce((sum, { data }) => sum + data.length, 0)
  return `${count.toLocaleString('en')} ${count === 1 ? 'parameter' : 'parameters'}`
}

function mismatch(name: string, own: Tensor | undefined, given: Tensor<DType>): string[] {
  if (own === undefined) return [`unexpected ${name}`]
  const odd = notATensor(name, given)
  if (odd !== null) return [odd]
  if (!isFloat(given.dtype)) return [`${name} is ${given.dtype}, expected a float tensor`]
  // mutant: swapped arguments is equivalent because both ways say whether two shapes are the same
  if (sameShape(own.shape, given.shape)) return []
  return [`${name} has shape ${formatShape(given.shape)}, expected ${formatShape(own.shape)}`]
}

/** What `forward` read and gave, and what it kept for the way back. */
interface OwnPass<Plan, Saved> {
  /** The input that gets the gradient. */
  input: Tensor
  y: Tensor
  plan: Plan
  /** What the kernels keep, or what `compute` did. */
  kept: { kernels: Pass } | { x: Tensor; saved: Saved }
}

/**
 * A layer from one tensor to one tensor, written as its two formulas.
 *
 * `plan` checks the input and resolves all sizes once; `compute` is the forward equation; `gradients` is the backward
 * one. Everything that is the same for all layers is here.
 */
export abstract class FormulaLayer<Plan, Saved> extends Layer {
  readonly #last = new LastPass<OwnPass<Plan, Saved>>()

  /** All sizes for an input of `shape`; throws where it does not fit. */
  protected abstract plan(shape: readonly number[]): Plan

  /** The forward equation: the output and what the way back needs. */
  protected abstract compute(x: Tensor, plan: Plan): { y: Tensor; saved: Saved }

  /** The backward equations: adds to the parameters' gradients, and gives the input's unless it is not wanted. */
  protected abstract gradients(dy: Tensor, saved: Saved, plan: Plan, inputGrad: boolean): Tensor | null

  forward(x: Tensor): Tensor {
    if (!(x instanceof Tensor)) checkTensor(this.describe(), 'input', x)
    this.checkDtype(x.dtype)
    const plan = this.plan(x.shape)
    const kernels = forwardOnKernels({ owner: this, layers: [this], training: this.training }, x)
    if (kernels !== null) {
      this.#last.keep({ input: x, y: kernels.y, plan, kept: { kernels } })
      return kernels.y
    }
    // A copy: what is written into x afterwards is not seen, as on kernels.
    const own = x.clone()
    const { y, saved } = this.compute(own, plan)
    this.#last.keep({ input: x, y, plan, kept: { x: own, saved } })
    return y
  }

  bwd(options?: BackwardOptions): void {
    const inputGrad = inputGradOf(this, options)
    const { input, y, plan, kept } = this.#last.open(this)
    const dy = upstream(this, y)
    if ('kernels' in kept && !runsOwnCode(this)) {
      kept.kernels.backward(dy, inputGrad, input)
      return
    }
    const saved = 'kernels' in kept ? this.compute(kept.kernels.given().x, plan).saved : kept.saved
    const dx = this.gradients(dy, saved, plan, inputGrad)
    if (inputGrad) input.g = dx
  }

  override lend(pass: NetworkPass | null): void {
    this.#last.lend(pass)
  }

  override layOut(x: Tensor, input: Tensor, y: Tensor | null): Tensor {
    const own = this.forward(x)
    const pass = this.#last.own
    if (pass === null) return own
    this.#last.keep({ ...pass, input, y: y ?? own })
    return y ?? own
  }

  override hold(): () => () => void {
    return this.#last.hold()
  }

  override close(): void {
    super.close()
    this.#last.close()
  }

  /** @throws TypeError for integers, and for another dtype than the parameters'. */
  protected checkDtype(dtype: Tensor['dtype']): void {
    const [first] = this.parameters()
    const expected = first === undefined ? 'float32 or float64' : first.dtype
    if (first === undefined ? isFloat(dtype) : dtype === expected) return
    throw new TypeError(`${this.describe()}: input is ${dtype}, expected ${expected}`)
  }
}
