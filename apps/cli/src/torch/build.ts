import * as layers from '@handgrad/layers'
import * as lossOptim from '@handgrad/loss-optim'
import { type FloatDType, type Tensor, tensor } from '@handgrad/tensor'
import { CliError } from '../errors.ts'
import { inPrecision } from './precision.ts'

/** A layer or loss of torch.nn: its class, and the arguments that differ from the class's defaults. */
export interface TorchObject {
  readonly torch: string
  readonly args: Readonly<Record<string, unknown>>
}

/** An optimizer of torch.optim with its options. */
export interface TorchOptimizer {
  readonly torch: string
  readonly options: Readonly<Record<string, unknown>>
}

type Constructor<T> = new (...args: unknown[]) => T

/** Arguments that are positional here although torch has a default for them; the others without default all are. */
const alsoPositional: Readonly<Record<string, string>> = { Dropout: 'p' }

const known = new Set(
  'stride padding dilation groups bias ceil_mode start_dim end_dim eps momentum affine track_running_stats count_include_pad'.split(
    ' ',
  ),
)

/** `weight_decay` → `weightDecay`: how we spell the name of torch's option. */
export const camelCase = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

function classOf<T>(from: object, torch: string, what: string): Constructor<T> {
  const found = (from as Record<string, unknown>)[torch]
  if (typeof found === 'function') return found as Constructor<T>
  throw new CliError(`the run has the ${what} ${torch}, which this program does not have`)
}

/**
 * The layer that torch's description names, its parameters in `dtype`.
 * @throws CliError for a class or an argument that we do not have.
 */
export function layerFromTorch({ torch, args }: TorchObject, dtype: FloatDType): layers.Layer {
  const Class = classOf<layers.Layer>(layers, torch, 'layer')
  const names = Object.keys(args)
  const first = alsoPositional[torch]
  const positional = first === undefined ? names.slice(0, Class.length) : [first]
  const others = names.filter((name) => !positional.includes(name))
  const unknown = others.find((name) => !known.has(name))
  if (unknown !== undefined) {
    throw new CliError(
      `the run's ${torch} has ${unknown} ${JSON.stringify(args[unknown])}, which this program does not have`,
    )
  }
  const options = Object.fromEntries(others.map((name) => [camelCase(name), args[name]]))
  const values = positional.map((name) => args[name])
  return inPrecision((own) => new Class(...values, own), options, dtype)
}

/** The loss that torch's description names. */
export function criterionFromTorch(
  { torch, args }: TorchObject,
  dtype: FloatDType,
): lossOptim.CrossEntropyLoss {
  const options = Object.entries(args).map(([name, value]) => [
    camelCase(name),
    name === 'weight' ? tensor(value as number[], undefined, { dtype }) : value,
  ])
  return new (classOf<lossOptim.CrossEntropyLoss>(lossOptim, torch, 'loss'))(Object.fromEntries(options))
}

/** The optimizer that torch's description names, for `parameters`. */
export function optimizerFromTorch(
  { torch, options }: TorchOptimizer,
  parameters: readonly Tensor[],
): lossOptim.Optimizer<{ lr: number }> {
  const ours = Object.entries(options).map(([name, value]) => [camelCase(name), value])
  const Class = classOf<lossOptim.Optimizer<{ lr: number }>>(lossOptim, torch, 'optimizer')
  return new Class(parameters, Object.fromEntries(ours))
}
