import { type DType, type FloatDType, manualSeed, type Tensor, tensor } from '@handgrad/tensor'
import { cast, makeTensor, resolveArgs, resolveOptions, type Tensors } from './materialize.ts'
import type { Checkable, ModuleCase, ModuleSpec } from './spec.ts'

/** A layer or loss of one case, built with its parameters set, and its inputs: ready for a pass. */
export interface OpenModule {
  readonly module: Checkable
  /** In the order of `forward`; the first is the one that is differentiated. */
  readonly inputs: Tensor<DType>[]
  /** Inputs to differentiate and parameters, by name. */
  readonly differentiable: Record<string, Tensor>
  forward(): Tensor
}

/** The parameters of a module by name; none where it has no such method. */
export function parametersOf(module: Checkable): Record<string, Tensor> {
  return Object.fromEntries(module.namedParameters?.() ?? [])
}

function build(spec: ModuleSpec, item: ModuleCase, tensors: Tensors, dtype: FloatDType): Checkable {
  const named = Object.fromEntries(
    Object.keys(item.tensors ?? {}).map((name) => [name, cast(tensors[`tensor.${name}`], dtype)]),
  )
  const options = resolveOptions(item.options, named)
  if (spec.ownDtype === true && dtype !== 'float32') options.dtype = dtype
  const module = spec.create(resolveArgs(item.args, named), options)
  if (item.mode === 'eval') module.eval?.()
  else module.train?.()
  return module
}

/** Builds the module of a case in `dtype` and gives it the parameters and inputs in `tensors`. */
export function openModule(
  spec: ModuleSpec,
  item: ModuleCase,
  tensors: Tensors,
  dtype: FloatDType,
): OpenModule {
  const module = build(spec, item, tensors, dtype)
  const parameters = parametersOf(module)
  for (const [name, parameter] of Object.entries(parameters)) {
    parameter.data.set(cast(tensors[`param.${name}`], dtype).data as typeof parameter.data)
  }
  const names = Object.keys(item.inputs)
  const inputs = names.map((name) => cast(tensors[name], dtype))
  return {
    module,
    inputs,
    differentiable: { [names[0]]: inputs[0] as Tensor, ...parameters },
    forward() {
      if (item.seed !== undefined) manualSeed(item.seed)
      return module.forward(...inputs)
    },
  }
}

/** What one forward and backward pass gives: `y`, and `d` + name for each input or parameter differentiated. */
export function runModule(open: OpenModule, dy: Tensor<DType>): Record<string, Tensor> {
  const y = open.forward()
  y.g = tensor(dy.data, y.shape, { dtype: y.dtype })
  open.module.bwd()
  const result: Record<string, Tensor> = { y }
  for (const [name, x] of Object.entries(open.differentiable)) {
    if (x.g === null) throw new Error(`bwd() left ${name}.g null`)
    result[`d${name}`] = x.g
  }
  for (const [name, buffer] of open.module.namedBuffers?.() ?? []) result[`buffer.${name}`] = buffer
  return result
}

/** Shapes that only the module knows: of its parameters (`param.` + name) and of its output (`y`). */
export type Shapes = Readonly<Record<string, readonly number[]>>

/** The tensors of a case whose shapes it states itself: for its options, and its inputs. */
function statedTensors(spec: ModuleSpec, item: ModuleCase): Tensors {
  const options = Object.entries(item.tensors ?? {}).map(([name, of]) => [`tensor.${name}`, of] as const)
  const all = [...options, ...Object.entries(item.inputs)]
  return Object.fromEntries(all.map(([name, of]) => [name, makeTensor(spec.name, item.name, name, of)]))
}

/** Asks the module for the shapes of its parameters and of its output. */
export function moduleShapes(spec: ModuleSpec, item: ModuleCase): Shapes {
  const tensors = statedTensors(spec, item)
  const module = build(spec, item, tensors, 'float32')
  const y = module.forward(...Object.keys(item.inputs).map((name) => tensors[name]))
  const parameters = Object.entries(parametersOf(module)).map(
    ([name, { shape }]) => [`param.${name}`, shape] as const,
  )
  return { ...Object.fromEntries(parameters), y: y.shape }
}

/** All stored tensors of a case before any golden: option tensors, inputs, parameters and the upstream gradient. */
export function moduleTensors(spec: ModuleSpec, item: ModuleCase, shapes: Shapes): Tensors {
  const tensors = statedTensors(spec, item)
  for (const [key, shape] of Object.entries(shapes)) {
    const name = key.replace(/^param\./, '')
    const of = key === 'y' ? { ...item.upstream, shape } : { ...item.params?.[name], shape }
    const stored = key === 'y' ? 'dy' : key
    tensors[stored] = makeTensor(spec.name, item.name, stored, of)
  }
  return tensors
}
