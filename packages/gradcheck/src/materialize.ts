import { type DType, type FloatDType, Generator, isFloat, Tensor, tensor } from '@handgrad/tensor'
import { fill, seedOf } from './fill.ts'
import type { Argument, Options, ResolvedArgument, ResolvedOptions, TensorSpec } from './spec.ts'

/** Tensors by name. */
export type Tensors = Record<string, Tensor<DType>>

/** Makes tensors of a case; each has its own generator, so that a new one does not move the others. */
export function makeTensor(
  specName: string,
  caseName: string,
  name: string,
  spec: TensorSpec,
): Tensor<DType> {
  return fill(spec, new Generator(seedOf(`${specName}/${caseName}/${name}`)))
}

/** The same values in `dtype` where they are floating-point; a copy in any case. */
export function cast(x: Tensor<DType>, dtype: FloatDType): Tensor<DType> {
  return isFloat(x.dtype) ? tensor(x.data, x.shape, { dtype }) : x.clone()
}

function resolve(argument: Argument, tensors: Tensors): ResolvedArgument {
  if (typeof argument !== 'object' || argument === null || !('tensor' in argument)) return argument
  const found = tensors[argument.tensor]
  if (found === undefined) throw new RangeError(`the case has no tensor '${argument.tensor}'`)
  return found
}

/** Positional arguments with their tensors in place. */
export function resolveArgs(args: readonly Argument[] = [], tensors: Tensors = {}): ResolvedArgument[] {
  return args.map((argument) => resolve(argument, tensors))
}

/** Options with their tensors in place. */
export function resolveOptions(options: Options = {}, tensors: Tensors = {}): ResolvedOptions {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, resolve(value, tensors)]))
}
