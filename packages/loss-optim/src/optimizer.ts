import {
  checkOptions,
  checkTensor,
  describeValue,
  type FloatArray,
  formatShape,
  isFloat,
  sameShape,
  type Tensor,
} from '@handgrad/tensor'

/** What can be saved of an optimizer: its options, and per parameter the tensors it keeps, by torch's names. */
export interface OptimizerState<Options> {
  options: Options
  state: Record<string, Tensor>[]
}

/**
 * The base of the optimizers: the parameters, the options (schedules write them), and what is kept per parameter.
 *
 * `step()` reads each parameter's `.g`, skips those that are null or frozen (`requiresGrad`), and writes `data` in place.
 */
export abstract class Optimizer<Options extends { lr: number }> {
  readonly parameters: readonly Tensor[]
  /** The options in force; a schedule changes `lr` and the momentum here. */
  readonly options: Options
  protected readonly state: Record<string, Tensor>[]

  /** @throws Error when there is no parameter, something is not a float tensor, or one occurs twice. */
  constructor(parameters: readonly Tensor[], options: Options) {
    const name = new.target.name
    if (!Array.isArray(parameters)) {
      const what = describeValue(parameters)
      throw new TypeError(
        `${name}: parameters is ${what}, expected an array of tensors; pass net.parameters()`,
      )
    }
    if (parameters.length === 0) throw new Error(`${name}: got no parameters; pass net.parameters()`)
    parameters.forEach((parameter, i) => {
      checkTensor(name, `parameter ${i}`, parameter)
      if (!isFloat(parameter.dtype)) {
        throw new TypeError(`${name}: parameter ${i} is ${parameter.dtype}, expected float32 or float64`)
      }
      if (parameters.indexOf(parameter) < i) throw new Error(`${name}: parameter ${i} occurs twice`)
    })
    this.parameters = [...parameters]
    this.options = options
    this.state = parameters.map(() => Object.create(null) as Record<string, Tensor>)
  }

  /** All options with their defaults. @throws RangeError for one that is out of range. */
  protected abstract resolve(options: Options): Options

  /** Changes one parameter, given its gradient and what is kept for it. */
  protected abstract update(parameter: Tensor, gradient: FloatArray, kept: Record<string, Tensor>): void

  /** The tensors that `options` make this optimizer keep for a parameter, by torch's names, with their shapes. */
  protected abstract keeps(parameter: Tensor, options: Options): Record<string, readonly number[]>

  /**
   * Moves the parameters against their gradients.
   * @throws Error when a gradient's shape or dtype is not its parameter's; nothing has changed then.
   */
  step(): void {
    this.parameters.forEach(({ shape, dtype, g }, i) => {
      if (g === null) return
      checkTensor(`${this.constructor.name}.step()`, `parameter ${i}'s .g`, g)
      if (sameShape(g.shape, shape) && g.dtype === dtype) return
      throw new Error(
        `${this.constructor.name}.step(): parameter ${i} is ${dtype} ${formatShape(shape)}, ` +
          `its .g ${g.dtype} ${formatShape(g.shape)}`,
      )
    })
    this.parameters.forEach((parameter, i) => {
      if (parameter.g !== null && parameter.requiresGrad)
        this.update(parameter, parameter.g.data, this.state[i])
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
   * @throws Error when it is of another number of parameters, an option is missing or out of range, or a tensor has
   * another name, shape or dtype; nothing has changed then.
   */
  loadStateDict(saved: OptimizerState<Options>): this {
    const name = `${this.constructor.name}.loadStateDict`
    checkObject(name, 'the state', saved)
    const { options, state } = saved
    checkObject(name, "the state's options", options)
    checkNames(name, Object.keys(this.options), options)
    const loaded = this.resolve(structuredClone(options))
    if (!Array.isArray(state) || state.length !== this.parameters.length) {
      const came = Array.isArray(state)
        ? `state of ${state.length} parameters`
        : `state is ${describeValue(state)}`
      throw new Error(`${name}: ${came}, expected ${this.parameters.length}`)
    }
    state.forEach((kept, i) => {
      const parameter = this.parameters[i]
      checkKept(`${name}: parameter ${i}`, kept, this.keeps(parameter, loaded), parameter.dtype)
    })
    Object.assign(this.options, loaded)
    state.forEach((kept, i) => {
      this.state[i] = cloneAll(kept)
    })
    return this
  }
}

function checkObject(owner: string, what: string, value: unknown): void {
  if (typeof value === 'object' && value !== null) return
  throw new TypeError(`${owner}: ${what} is ${describeValue(value)}, expected what stateDict() gave`)
}

/** Refuses options that are not exactly `names`. */
function checkNames(owner: string, names: readonly string[], options: object): void {
  const known = Object.fromEntries(names.map((name) => [name, null]))
  checkOptions(owner, known, [options], 0)
  const missing = names.find((name) => !Object.hasOwn(options, name))
  if (missing !== undefined) throw new Error(`${owner}: the state has no option ${missing}`)
}

/** Refuses what is kept for a parameter unless it is nothing at all, before its first step, or all that is expected. */
function checkKept(
  owner: string,
  kept: Readonly<Record<string, Tensor>>,
  expected: Readonly<Record<string, readonly number[]>>,
  dtype: Tensor['dtype'],
): void {
  checkObject(owner, 'what is kept', kept)
  const names = Object.keys(kept)
  for (const name of names) {
    const shape = Object.hasOwn(expected, name) ? expected[name] : undefined
    checkTensor(owner, name, kept[name])
    const came = `${kept[name].dtype} ${formatShape(kept[name].shape)}`
    // torch counts steps in float32, whatever the parameter's dtype.
    const wanted =
      shape === undefined ? 'no such entry' : `${name === 'step' ? 'float32' : dtype} ${formatShape(shape)}`
    if (came !== wanted) throw new Error(`${owner} has ${name} ${came}, expected ${wanted}`)
  }
  const missing = Object.keys(expected).find((name) => !names.includes(name))
  if (names.length > 0 && missing !== undefined)
    throw new Error(`${owner} has ${names.join(', ')}, but no ${missing}`)
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
  if (typeof value !== 'number' || !(value >= least && value < below)) {
    const range = below === Infinity ? `≥ ${least}` : `≥ ${least} and < ${below}`
    throw new RangeError(`${optimizer}: ${option} is ${describeValue(value)}, expected a number ${range}`)
  }
}
