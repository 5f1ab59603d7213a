import { type FloatArray, formatShape, sameShape, Tensor } from '@handgrad/tensor'

/** What can be saved of an optimizer: its options, and per parameter the tensors it keeps, by torch's names. */
export interface OptimizerState<Options> {
  options: Options
  state: Record<string, Tensor>[]
}

/**
 * The base of the optimizers: the parameters, the options (schedules write them), and what is kept per parameter.
 *
 * `step()` reads each parameter's `.g`, skips those that are null, and writes `data` in place.
 */
export abstract class Optimizer<Options extends { lr: number }> {
  readonly parameters: readonly Tensor[]
  /** The options in force; a schedule changes `lr` and the momentum here. */
  readonly options: Options
  protected readonly state: Record<string, Tensor>[]

  /** @throws Error when there is no parameter, something is not a tensor, or one occurs twice. */
  constructor(parameters: readonly Tensor[], options: Options) {
    const name = new.target.name
    if (!Array.isArray(parameters) || parameters.length === 0) {
      throw new Error(`${name}: got no parameters; pass net.parameters()`)
    }
    parameters.forEach((parameter, i) => {
      if (!(parameter instanceof Tensor))
        throw new TypeError(`${name}: parameter ${i} is ${typeof parameter}, expected a Tensor`)
      if (parameters.indexOf(parameter) < i) throw new Error(`${name}: parameter ${i} occurs twice`)
    })
    this.parameters = parameters
    this.options = options
    this.state = parameters.map(() => Object.create(null) as Record<string, Tensor>)
  }

  /** Changes one parameter, given its gradient and what is kept for it. */
  protected abstract update(parameter: Tensor, gradient: FloatArray, kept: Record<string, Tensor>): void

  /** The tensors that an option set makes this optimizer keep, by torch's names, with their shape for a parameter. */
  protected abstract keeps(parameter: Tensor): Record<string, readonly number[]>

  /** @throws Error when a gradient's shape is not its parameter's; nothing has changed then. */
  step(): void {
    this.parameters.forEach(({ shape, g }, i) => {
      if (g !== null && !sameShape(g.shape, shape)) {
        throw new Error(
          `${this.constructor.name}.step(): parameter ${i} has shape ${formatShape(shape)}, its .g ${formatShape(g.shape)}`,
        )
      }
    })
    this.parameters.forEach((parameter, i) => {
      if (parameter.g !== null) this.update(parameter, parameter.g.data, this.state[i])
    })
  }

  /** Sets every parameter's gradient to null. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.g = null
  }

  /** A copy of the options and of all that is kept. */
  stateDict(): OptimizerState<Options> {
    const state = this.state.map((kept) => cloneAll(kept))
    return { options: structuredClone(this.options), state }
  }

  /**
   * Continues from another optimizer's state.
   * @throws Error when it is of another number of parameters, or a tensor has another name or shape; nothing has
   * changed then.
   */
  loadStateDict({ options, state }: OptimizerState<Options>): this {
    const name = this.constructor.name
    if (state.length !== this.parameters.length) {
      throw new Error(
        `${name}.loadStateDict: state of ${state.length} parameters, expected ${this.parameters.length}`,
      )
    }
    state.forEach((kept, i) => {
      const expected = this.keeps(this.parameters[i])
      for (const [key, value] of Object.entries(kept)) {
        const shape = expected[key]
        if (shape === undefined || !sameShape(value.shape, shape)) {
          const wanted = shape === undefined ? 'no such entry' : formatShape(shape)
          throw new Error(
            `${name}.loadStateDict: parameter ${i} has ${key} ${formatShape(value.shape)}, expected ${wanted}`,
          )
        }
      }
    })
    Object.assign(this.options, structuredClone(options))
    state.forEach((kept, i) => {
      this.state[i] = cloneAll(kept)
    })
    return this
  }
}

function cloneAll(kept: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const copy: Record<string, Tensor> = Object.create(null)
  for (const [key, value] of Object.entries(kept)) copy[key] = value.clone()
  return copy
}

/**
 * Refuses an option that is not a number of at least `least` (and below `below`).
 * @internal
 */
export function checkRange(
  optimizer: string,
  option: string,
  value: number,
  least: number,
  below: number = Infinity,
): void {
  if (!(value >= least && value < below)) {
    const range = below === Infinity ? `≥ ${least}` : `≥ ${least} and < ${below}`
    throw new RangeError(`${optimizer}: ${option} is ${value}, expected a number ${range}`)
  }
}
