import { checkOptions, checkTensor, formatShape, type OptionNames, type Tensor } from '@handgrad/tensor'
import type { BackwardOptions } from './layer.ts'

/** What a message names. */
interface Described {
  describe(): string
}

const optionNames: OptionNames<BackwardOptions> = { inputGrad: true }

/**
 * Whether a way back writes the input's gradient: unless told.
 * @throws TypeError for an option that does not exist, and for what is no object of options.
 * @internal
 */
export function inputGradOf(layer: Described, options: BackwardOptions | undefined): boolean {
  if (options === undefined) return true
  checkOptions(`${layer.describe()}.bwd()`, optionNames, [options], 0)
  return options.inputGrad ?? true
}

/**
 * The gradient of a layer's output.
 * @throws Error where it is null, or not like the output.
 * @internal
 */
export function upstream(layer: Described, y: Tensor): Tensor {
  const dy = y.g
  if (dy === null)
    throw new Error(`${layer.describe()}.bwd(): the output's .g is null; set it to dL/dy first`)
  checkTensor(`${layer.describe()}.bwd()`, "the output's .g", dy)
  const [came, expected] = [dy, y].map(({ dtype, shape }) => `${dtype} ${formatShape(shape)}`)
  if (came !== expected)
    throw new Error(`${layer.describe()}.bwd(): the output's .g is ${came}, expected ${expected}`)
  return dy
}

/**
 * Sets a tensor's `.g` to what `compute` gives when it is first read. Writing it before forgets `compute`.
 * @internal
 */
export function setGradLater(tensor: Tensor, compute: () => Tensor): void {
  const set = (value: Tensor | null): void => {
    Object.defineProperty(tensor, 'g', { value, writable: true })
  }
  const get = (): Tensor | null => {
    set(compute())
    return tensor.g
  }
  // It stays as enumerable and configurable as it is.
  Object.defineProperty(tensor, 'g', { get, set })
}

/**
 * Adds a gradient to what a parameter has gathered since the last `zeroGrad()`.
 * @internal
 */
export function addGrad(parameter: Tensor, gradient: Tensor): void {
  if (!parameter.requiresGrad) return
  if (parameter.g === null) {
    parameter.g = gradient.reshape(parameter.shape)
    return
  }
  const total = parameter.g.data
  for (const i of total.keys()) total[i] += gradient.data[i]
}
